"""A certificate that nobody vouches for is refused before the token is sent."""

import http.server
import shutil
import ssl
import subprocess
import threading

import pytest
from owncontrol.errors import InputError
from owncontrol.pull.client import Client, _opener

TOKEN = "0123456789ABCDEF0123456789ABCDEF"


@pytest.fixture
def https(tmp_path):
    """A server with a certificate of its own for 127.0.0.1: its port, file and requests."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'"14.5.0"')

        def log_message(self, format, *args):
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda request, address: None
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        _opener.cache_clear()
        yield server.server_port, certificate, seen
        server.shutdown()
    _opener.cache_clear()


def test_an_unknown_certificate_is_refused_and_nothing_is_sent(https):
    port, _, seen = https
    with pytest.raises(InputError, match="certificate cannot be verified") as caught:
        Client(f"https://127.0.0.1:{port}/api/", TOKEN).ask("version")
    assert "SSL_CERT_FILE" in caught.value.hint
    assert seen == []


def test_a_certificate_for_another_name_is_refused(https, monkeypatch):
    port, certificate, seen = https
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(InputError, match="certificate cannot be verified"):
        Client(f"https://localhost:{port}/api/", TOKEN).ask("version")
    assert seen == []


def test_an_authority_of_the_network_can_be_named(https, monkeypatch):
    port, certificate, seen = https
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert Client(f"https://127.0.0.1:{port}/api/", TOKEN).ask("version") == "14.5.0"
    assert TOKEN.encode() in seen[0]
