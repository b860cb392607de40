"""The frame of each page: head, styles, and a policy that lets nothing in from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from hubbub.moving.html.marked import safe

STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#fdfcff,#1b1a20);
--text:light-dark(#1c1b22,#ecebf1);
--quiet:light-dark(#5d5a6b,#a9a5b8);--line:light-dark(#dedae9,#35323e);
--raised:light-dark(#f3f1f9,#26242c);
--link:light-dark(#4b2fb8,#bdaeff);--chosen:light-dark(#fff3d9,#3a2f17)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:50rem;padding:1rem;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
a{color:var(--link)}
h1{font-size:1.4rem;line-height:1.25;margin:0}
h2{font-size:1rem;margin:1.5rem 0 .5rem;padding-top:.5rem;border-top:1px solid var(--line)}
p,blockquote,pre{margin:0}
header p,footer{color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:.5rem 1rem;margin:1rem 0}
nav a{display:inline-block;padding:.4rem 0}
article{padding:.35rem 0}
article:target,p:target{background:var(--chosen)}
article>header{display:flex;flex-wrap:wrap;gap:0 .5rem;align-items:baseline}
article>header a,.event a{color:var(--quiet);text-decoration:none;font-size:.85rem}
article>header a:hover,.event a:hover{text-decoration:underline}
.answered{font-size:.9rem;color:var(--quiet);border-left:3px solid var(--line);padding-left:.6rem}
.answered a{color:inherit}
blockquote{border-left:3px solid var(--line);padding-left:.6rem;color:var(--quiet)}
pre{background:var(--raised);padding:.5rem .75rem;border-radius:.4rem;
overflow-x:auto;white-space:pre}
code{font-family:ui-monospace,"Cascadia Code","SF Mono",Menlo,Consolas,monospace;font-size:.9em}
p code{background:var(--raised);padding:.1em .3em;border-radius:.3em}
.event{color:var(--quiet);font-size:.9rem;padding:.2rem 0}
.gone{color:var(--quiet);font-style:italic}
.file{font-size:.9rem}
.picture img{display:block;max-width:min(100%,24rem);max-height:20rem;border-radius:.4rem}
.marks{color:var(--quiet);font-size:.85rem}
ul{list-style:none;margin:1rem 0;padding:0}
li{padding:.6rem 0;border-top:1px solid var(--line)}
li a{font-weight:600}
li p{color:var(--quiet);font-size:.9rem}
footer{margin-top:2rem;padding-top:.5rem;border-top:1px solid var(--line);font-size:.85rem}
@media print{:root{color-scheme:light}body{max-width:none;font-size:10pt;padding:0}nav{display:none}
article,.event{break-inside:avoid}h2{break-after:avoid}pre{white-space:pre-wrap}a{color:inherit}}
"""

_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
# 'self' means nothing for a page that is opened from a disk: so the one style has its hash, and
# pictures may be files, too.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self' file:; base-uri 'none'; "
    "form-action 'none'"
)


def page(title: str, body: str) -> bytes:
    """A whole page. ``body`` is HTML, ``title`` is not."""
    return (
        "<!doctype html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{safe(title)}</title>\n"
        f"<style>{STYLE}</style>\n"
        "</head>\n"
        f"<body>\n{body}</body>\n"
        "</html>\n"
    ).encode("utf-8", "replace")
