"""The HTTP side of the one port: the page, the API, health, metrics, the protocol's schema.

`hubbub.server.http.app` makes the application, `hubbub.server.http.protocol` what serves it.
Both import some 60 ms of libraries and are best imported when the server listens already.
"""
