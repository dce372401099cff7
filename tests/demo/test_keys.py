"""The demo's keys stay in a file that only its owner reads."""

from pathlib import Path

from app.demo.keys import DemoKeys


def test_without_a_demo_there_are_no_keys(tmp_path: Path) -> None:
    assert DemoKeys(tmp_path).read() == {}


def test_what_was_written_is_read_and_only_the_owner_may(tmp_path: Path) -> None:
    keys = DemoKeys(tmp_path / "data")
    keys.write({"admin": "first"})
    keys.write({"admin": "second", "seller": "third"})
    assert keys.read() == {"admin": "second", "seller": "third"}
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_writer_that_was_killed_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "demo-keys.new").write_text("{half")
    keys = DemoKeys(tmp_path)
    keys.write({"admin": "whole"})
    assert keys.read() == {"admin": "whole"}
