"""Plates of a database's journal, for tests that read its tables: tokens back into what they stand for, by the key
file beside it (daemon/store/plates.h), with libcrypto and none of the daemon's code."""

import ctypes
import ctypes.util
import hashlib
import hmac
import re
import struct

TOKEN = re.compile(r"~[0-9a-f]{24}")
SET_TAG = 0x11


def epochs(database):
    """Epoch to its key; of the first copy in the file, which holds all of it twice. Nothing while it is being made."""
    try:
        with open(f"{database}-keys", "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return {}
    if len(data) < 88:
        return {}
    (count,) = struct.unpack_from("=Q", data, 80)
    return {struct.unpack_from("=Q", data, 88 + 48 * i)[0]: data[104 + 48 * i : 136 + 48 * i] for i in range(count)}


def unseal(key, token, sealed):
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    crypto.EVP_CIPHER_CTX_new.restype = crypto.EVP_aes_256_gcm.restype = ctypes.c_void_p
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    nonce, text, tag = sealed[:12], sealed[12:-16], sealed[-16:]
    out, size = ctypes.create_string_buffer(len(text) + 16), ctypes.c_int()
    key = hmac.new(key, b"parkd plate seal", hashlib.sha256).digest()
    crypto.EVP_DecryptInit_ex(context, ctypes.c_void_p(crypto.EVP_aes_256_gcm()), None, key, nonce)
    crypto.EVP_DecryptUpdate(context, None, ctypes.byref(size), token.encode(), len(token))
    crypto.EVP_DecryptUpdate(context, out, ctypes.byref(size), text, len(text))
    crypto.EVP_CIPHER_CTX_ctrl(context, SET_TAG, 16, tag)
    good = crypto.EVP_DecryptFinal_ex(context, None, ctypes.byref(size)) > 0
    crypto.EVP_CIPHER_CTX_free(context)
    return out.raw[: len(text)].decode() if good else token


def resolver(db, database):
    """A function that puts the plates into a body; `db` is a connection to the database."""
    keys, known = epochs(database), {}

    def plate_of(match):
        token = match.group()
        if token not in known:
            row = db.execute("SELECT epoch, sealed FROM plate WHERE token = ?", (token,)).fetchone()
            known[token] = unseal(keys[row[0]], token, row[1]) if row and row[0] in keys else token
        return known[token]

    return lambda body: TOKEN.sub(plate_of, body)
