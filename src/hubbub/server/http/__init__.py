"""The HTTP side of the one port: the page, the API, health, metrics, the protocol's schema.

`hubbub.server.http.app` makes the application, `hubbub.server.http.protocol` serves it on
connections, and `hubbub.server.http.uvicorn_base` is what that takes from uvicorn.
The last two import some 60 ms of libraries and are best imported when the server listens already.
"""
