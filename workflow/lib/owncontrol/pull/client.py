"""REDCap's API, as far as a pull asks it: one POST a question, an answer in JSON.

Written with the standard library. The client that is kept best (PyCap) answers a redirect by
sending the token on, reads an answer of any size, and tells a proxy's page by a stack trace; what
is needed of the API are seven questions. Parameters and errors are those of the API's own help
page (``/api/help`` on every REDCap server). The token travels in the body of a request, as REDCap
asks for it, and is in no message: each is searched for it before it is shown.
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from owncontrol.basics.json_text import read_json
from owncontrol.errors import InputError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
LIMIT = 1 << 28  # bytes of one answer; a batch of records has a few hundred kB
CHUNK = 1 << 20
TIMEOUT = 120.0  # seconds without a byte
WAITS = (1.0, 2.0, 4.0, 8.0)  # seconds before each further attempt
# What may pass: REDCap's own 500 and 503, and those of what is in front of a server.
PASSING = (408, 429, 500, 502, 503, 504)
REFUSED = (401, 403)
NEW_TOKEN = (
    "the token may be wrong, withdrawn or expired, or its user may lack the right to use the API "
    "or to export; ask for a new one in REDCap (API)"
)
WEB_PAGE = (
    "a login page or a proxy answers in place of REDCap; open the address in a browser, and see "
    "that --url is that of the API (https://.../api/)"
)


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an error that names the host, and no request to it."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        """Refuse."""
        fp.close()
        raise InputError(
            f"{_host(req.full_url)}: redirects to {_host(newurl)}; nothing was sent there",
            "if that is the right server, give its address with --url (REDCap's ends in /api/)",
        )


class _PassingError(Exception):
    """Something that may be over in a moment. Its text is what happened."""


@dataclass(frozen=True)
class Client:
    """The API of one project. ``wait``: how the time between two attempts is passed."""

    url: str
    token: str = field(repr=False)
    wait: Callable[[float], None] = time.sleep
    limit: int = LIMIT
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        """Raise InputError for an address that is none of https (http on this machine alone)."""
        parts = urlsplit(self.url)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise InputError("--url: only scheme, host and path", "for example https://.../api/")
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not safe or not parts.hostname:
            raise InputError(f"{self.url}: no https address", "for example https://.../api/")

    def ask(self, content: str, **parameters: Any) -> Any:
        """The answer of the API to one question (``content=...``), read from JSON.

        A list among the ``parameters`` becomes ``name[0]``, ``name[1]`` ... Raises InputError, in
        one line, for everything that is no answer; what may pass is tried again, with a longer
        pause each time.
        """
        form = {"token": self.token, "content": content, "format": "json", "returnFormat": "json"}
        for name, value in parameters.items():
            if isinstance(value, list | tuple):
                form |= {f"{name}[{place}]": str(one) for place, one in enumerate(value)}
            else:
                form[name] = str(value)
        body = urlencode(form).encode("ascii")
        for pause in (*WAITS, None):
            try:
                return self._answer(content, body)
            except _PassingError as passing:
                if pause is None:
                    raise InputError(
                        self._clean(f"{self._place}: {passing} ({len(WAITS) + 1} attempts)"),
                        "try again later; the last data cut is as it was",
                    ) from None
                self.wait(pause)
        raise AssertionError("the last attempt returns or raises")

    @property
    def _place(self) -> str:
        return _host(self.url)

    def _answer(self, content: str, body: bytes) -> Any:
        headers = {"Accept": "application/json", "User-Agent": "owncontrol"}
        request = Request(self.url, body, headers, method="POST")
        try:
            with _opener().open(request, timeout=self.timeout) as answer:
                return self._read(content, answer)
        except HTTPError as error:
            with error:
                self._refused(error)
        except URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise InputError(
                    f"{self._place}: its certificate cannot be verified "
                    f"({error.reason.verify_message})",
                    "if your network signs with a certificate of its own, name the file of that "
                    "authority in SSL_CERT_FILE; verification cannot be switched off",
                ) from None
            raise _PassingError(f"cannot be reached ({error.reason})") from None
        except (http.client.HTTPException, OSError) as error:
            raise _PassingError(f"the answer broke off ({type(error).__name__})") from None
        raise AssertionError("an error is told")

    def _read(self, content: str, answer: http.client.HTTPResponse) -> Any:
        """The value of an answer; an error in it is told as REDCap tells it."""
        parts, size = [], 0
        declared = answer.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self.limit:
            raise self._too_large(content)
        while part := answer.read(CHUNK):
            size += len(part)
            if size > self.limit:
                raise self._too_large(content)
            parts.append(part)
        if declared.isdecimal() and size < int(declared):
            raise _PassingError("the answer broke off")
        try:
            value = read_json(b"".join(parts).decode("utf-8-sig"))
        except (ValueError, RecursionError):
            kind = answer.headers.get_content_type()
            raise InputError(
                self._clean(f"{self._place}: the answer to '{content}' is no JSON ({kind})"),
                WEB_PAGE,
            ) from None
        if isinstance(value, dict) and set(value) == {"error"}:
            raise InputError(self._clean(f"{self._place}: {_short(value['error'])}"), NEW_TOKEN)
        return value

    def _too_large(self, content: str) -> InputError:
        return InputError(
            f"{self._place}: the answer to '{content}' has over {self.limit >> 20} MiB",
            "pull fewer records at a time (--batch), or map fewer fields",
        )

    def _refused(self, error: HTTPError) -> None:
        """Raise what a status other than 200 means."""
        said = ""
        try:
            value = json.loads(error.read(CHUNK))
            said = f": {_short(value['error'])}" if isinstance(value, dict) else ""
        except (ValueError, KeyError, RecursionError, OSError, http.client.HTTPException):
            pass  # a page of whatever is in front of the server
        told = self._clean(f"{self._place}: HTTP {error.code}{said}")
        if error.code in PASSING:
            raise _PassingError(f"HTTP {error.code}{said}")
        hint = NEW_TOKEN if error.code in REFUSED else "see the address (--url) and the message"
        raise InputError(told, hint)

    def _clean(self, text: str) -> str:
        return text.replace(self.token, "[token]")


@cache  # the authorities of the system take a while to read
def _opener() -> OpenerDirector:
    """Certificates and host names are verified, by the authorities that the system trusts."""
    return build_opener(_NoRedirect(), HTTPSHandler(context=ssl.create_default_context()))


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _short(text: object) -> str:
    return " ".join(str(text).split())[:200]
