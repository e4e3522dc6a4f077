"""Ed25519 signatures of bundles."""

from __future__ import annotations

import sys

import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel, sign

from .made import fitted

ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")


def pair() -> tuple[bytes, bytes]:
    key = ed25519.Ed25519PrivateKey.generate()
    plain = serialization.NoEncryption()
    return (
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain),
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )


@pytest.fixture(scope="module")
def keys() -> tuple[bytes, bytes]:
    return pair()


@pytest.fixture
def signed(tmp_path, keys):
    folder = fitted().save(tmp_path / "m")
    sign(folder, keys[0])
    return folder


def test_signed_and_known(signed, keys) -> None:
    assert RiskModel.load(signed, public_key=keys[1]).members
    assert RiskModel.load(signed).members


def test_a_key_file(signed, keys, tmp_path) -> None:
    (tmp_path / "key.pem").write_bytes(keys[1])
    assert RiskModel.load(signed, public_key=tmp_path / "key.pem").members


def test_another_key(signed) -> None:
    with pytest.raises(ModelError, match="another key"):
        RiskModel.load(signed, public_key=pair()[1])


def test_not_signed(tmp_path, keys) -> None:
    with pytest.raises(ModelError, match="not signed"):
        RiskModel.load(fitted().save(tmp_path / "m"), public_key=keys[1])


def test_no_byte_of_the_signature_may_change(signed, keys) -> None:
    data = (signed / "manifest.sig").read_bytes()
    for at in range(0, len(data), 7):
        harmed = bytearray(data)
        harmed[at] ^= 1
        (signed / "manifest.sig").write_bytes(bytes(harmed))
        with pytest.raises(ModelError):
            RiskModel.load(signed)


def test_saving_again_drops_the_signature(signed, keys) -> None:
    fitted().save(signed)
    assert not (signed / "manifest.sig").exists()


def test_a_key_of_another_kind(signed) -> None:
    x25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.x25519")
    other = x25519.X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ModelError, match="not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`"):
        sign(signed, other)


def test_without_the_library_the_extra_is_named(signed, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(ModelError, match=r"need the extra 'sign': pip install 'sorg-risk\[sign\]'"):
        RiskModel.load(signed)


def test_what_is_no_key(signed) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        sign(signed, b"nonsense")
