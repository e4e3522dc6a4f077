"""Ed25519 signatures of bundles (optional, extra ``sign``): a digest stops accidents, a signature stops strangers.

``manifest.sig`` holds two lines of hexadecimal, the public key and the signature of ``manifest.sha256``. Reading checks it against the key it
names, so that no byte of it can change unnoticed, and against the key the reader expects, if one is given.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError

if TYPE_CHECKING:
    from types import ModuleType

NAME = "manifest.sig"
_LINES = re.compile(rb"([0-9a-f]{64})\n([0-9a-f]{128})\n")


def sign(folder: str | Path, private_key: bytes | str | Path) -> Path:
    """Sign a stored bundle with a private key in PEM (bytes, or a file); returns the signature file.

    Raises
    ------
    ModelError
        The extra ``sign`` is not installed, the key is no Ed25519 key, or the bundle is damaged.
    """
    from .bundle import digest

    place = Path(folder)
    digest(place)
    keys, serialization = _library()
    key = _loaded(serialization.load_pem_private_key, _pem(private_key), password=None)
    if not isinstance(key, keys.Ed25519PrivateKey):
        raise ModelError("the private key is not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`.")
    public = key.public_key().public_bytes_raw()
    made = key.sign((place / "manifest.sha256").read_bytes())
    (place / NAME).write_bytes(f"{public.hex()}\n{made.hex()}\n".encode("ascii"))
    return place / NAME


def verify(signed: bytes, signature: bytes | None, expected: bytes | str | Path | None, where: Path) -> None:
    """Raise `ModelError` unless the signature (where there is one, or one is expected) holds.

    ``expected`` is the public key in PEM, as bytes or as a file.
    """
    if signature is None:
        if expected is None:
            return
        raise ModelError(f"{where} is not signed, and a key to check it by was given; ask for a signed bundle.")
    found = _LINES.fullmatch(signature)
    if not found:
        raise ModelError(f"{where / NAME} was changed or is damaged: it is not a signature. Nothing was loaded.")
    keys, serialization = _library()
    raw = bytes.fromhex(found[1].decode("ascii"))
    try:
        keys.Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(found[2].decode("ascii")), signed)
    except Exception as error:
        raise ModelError(
            f"{where / NAME} does not sign this bundle ({type(error).__name__}). Nothing was loaded."
        ) from None
    if expected is None:
        return
    known = _loaded(serialization.load_pem_public_key, _pem(expected))
    if known.public_bytes_raw() != raw:
        raise ModelError(f"{where} is signed by another key than the one given. Nothing was loaded.")


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise ModelError("signed bundles need the extra 'sign': pip install 'sorg-risk[sign]'.") from None
    return ed25519, serialization


def _pem(key: bytes | str | Path) -> bytes:
    return key if isinstance(key, bytes) else Path(key).read_bytes()


def _loaded(load: Any, pem: bytes, **options: Any) -> Any:
    try:
        return load(pem, **options)
    except (ValueError, TypeError) as error:
        raise ModelError(f"the key cannot be read: {error}; give an Ed25519 key in PEM.") from None
