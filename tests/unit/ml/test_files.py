from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.errors import ModelRejected
from ml.files import digest_of, read_model, write_model


class Stranger:
    """A type that no model file may hold."""

    def __init__(self) -> None:
        self.x = 1


def test_a_model_survives_the_round_trip(tmp_path: Path) -> None:
    values = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = LogisticRegression().fit(values, [0, 0, 1, 1])
    name, sha256 = write_model(tmp_path, "m", {"members": {"logistic": model}})
    loaded = read_model(tmp_path / name, sha256)["members"]["logistic"]
    assert (loaded.predict_proba(values) == model.predict_proba(values)).all()
    assert not list(tmp_path.glob("*.part"))


def test_one_flipped_byte_is_refused(tmp_path: Path) -> None:
    name, sha256 = write_model(tmp_path, "m", {"weights": [1.0]})
    content = bytearray((tmp_path / name).read_bytes())
    content[10] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelRejected, match="the file was changed"):
        read_model(tmp_path / name, sha256)


def test_an_unknown_type_is_refused_even_when_the_digest_is_right(tmp_path: Path) -> None:
    name, _ = write_model(tmp_path, "m", {"members": Stranger()})
    with pytest.raises(ModelRejected, match="Stranger"):
        read_model(tmp_path / name, digest_of(tmp_path / name))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="Train again"):
        read_model(tmp_path / "none.skops", "0")
