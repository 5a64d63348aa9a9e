"""A tap in the line between the gateway and the platforms: passes each request on and keeps it with its answer,
so that another judge than the platform itself can look at the same bytes."""

import http.client
import http.server
import socket
import threading
import time


class Passed:
    """One request: what was sent when, and what the gateway was answered (status 0: nothing)."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.at_ms, self.status, self.answer = time.time() * 1000, 0, b""


class Tap:
    def __init__(self, to_port):
        self.to_port, self.passed, self.lock = to_port, [], threading.Lock()
        self.connections = 0
        tap = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def setup(self):
                super().setup()
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                tap.connections += 1

            def do_POST(self):
                tap.pass_on(self)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128  # what finds no room arrives seconds later, long after the gateway gave it up

            def handle_error(self, request, client_address):
                pass  # the gateway was killed, or gave up waiting

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        one = Passed(handler.command, handler.path, dict(handler.headers), body)
        with self.lock:
            self.passed.append(one)
        try:
            line = http.client.HTTPConnection("127.0.0.1", self.to_port, timeout=30)
            headers = {k: v for k, v in one.headers.items() if k.lower() not in ("host", "connection")}
            line.request(one.method, one.target, body, headers)
            answer = line.getresponse()
            one.answer = answer.read()
            one.status = answer.status
        except (OSError, http.client.HTTPException):
            handler.close_connection = True  # as the platform did: no answer
            handler.connection.close()
            return
        finally:
            line.close()
        handler.send_response(one.status)
        for name in ("Content-Type", "Date", "Retry-After"):
            if answer.getheader(name):
                handler.send_header(name, answer.getheader(name))
        handler.send_header("Content-Length", str(len(one.answer)))
        handler.end_headers()
        handler.wfile.write(one.answer)
