"""A stretch of bad network on loopback, in front of a port. One mode at a time, for what is connected and for what
comes: clear, slow (each piece waits), lossy (now and then a piece waits as long as a lost packet would), trickle
(few bytes at a time, both ways), silent (half-open: connected, nothing arrives), deaf (requests arrive, answers are
lost), reset (connections are torn down in the middle)."""

import random
import socket
import struct
import threading
import time

TRICKLE_BYTES, TRICKLE_S, SLOW_S, LOST_S, LOST_OF = 400, 0.02, 0.15, 0.6, 5


class Weather:
    def __init__(self, to_port, seed):
        self.to_port, self.mode, self.pairs, self.dice = to_port, "clear", [], random.Random(seed)
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.socket.accept()
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self.to_port), 5)
            except OSError:
                near.close()
                continue
            for s in near, far:
                s.settimeout(None)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source, target, towards):
        try:
            while data := source.recv(TRICKLE_BYTES if self.mode == "trickle" else 65536):
                if self._passes(source, towards):
                    target.sendall(data)
        except OSError:
            pass
        for s in source, target:  # wakes the other direction
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _passes(self, source, towards):
        """Waits as the mode wants; false: the piece is lost."""
        mode = self.mode
        if mode == "slow":
            time.sleep(SLOW_S)
        elif mode == "lossy" and self.dice.randrange(LOST_OF) == 0:
            time.sleep(LOST_S)
        elif mode == "trickle":
            time.sleep(TRICKLE_S)
        elif mode == "reset" and self.dice.randrange(3) == 0:
            self._tear(source)
        return not (mode == "silent" or (mode == "deaf" and not towards))

    def _tear(self, source):
        for pair in list(self.pairs):
            if source in pair:
                for s in pair:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    s.close()
                self.pairs.remove(pair)
        raise OSError("torn")

    def clear(self):
        """Good weather. What was swallowed is lost: such connections are broken off."""
        swallowed = self.mode in ("silent", "deaf")
        self.mode = "clear"
        if not swallowed:
            return
        pairs, self.pairs = self.pairs, []
        for s in sum(pairs, ()):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
