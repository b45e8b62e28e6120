"""The locked requirements: every file by hash, no address of a registry, the images' lock a part of the whole."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "deploy/requirements.txt", "deploy/uv.txt")
_ENTRY = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^\s;]+)(?P<marker> *;[^\\\n]*)?(?P<hashes>(?: \\\n +--hash=\S+)+)$"
)


def entries(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name and marker -> version and hashes. Raises ValueError at anything else than pinned, hashed packages."""
    found = {}
    for block in re.split(r"\n(?=\S)", text.strip()):
        match = _ENTRY.match(block)
        if not match:
            raise ValueError(f"not a pinned package with hashes: {block.splitlines()[0]}")
        hashes = frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})(?=\s|$)", match["hashes"]))
        if len(hashes) != match["hashes"].count("--hash="):
            raise ValueError(f"not a SHA-256: {block.splitlines()[0]}")
        found[match["name"] + (match["marker"] or "")] = (match["version"], hashes)
    return found


def lock(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    return entries((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_hash_and_no_registry_is_named(name):
    assert lock(name)
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "flask>=3 \\\n    --hash=sha256:" + "0" * 64,
        "flask==3.1.3",
        "flask==3.1.3 \\\n    --hash=md5:" + "0" * 32,
        "--index-url https://registry.example/simple\nflask==3.1.3 \\\n    --hash=sha256:" + "0" * 64,
        "flask @ https://registry.example/flask.whl",
    ],
)
def test_what_is_not_locked_is_noticed(text):
    with pytest.raises(ValueError, match="not a"):
        entries(text)


def test_the_images_get_the_same_files_that_were_tested():
    whole, images = lock("requirements.txt"), lock("deploy/requirements.txt")
    by_name = {key.partition(" ")[0]: value for key, value in whole.items()}
    assert {key: by_name.get(key.partition(" ")[0]) for key in images} == images


def test_the_images_hold_what_the_project_needs_and_no_tools():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        return {
            re.split(r"[\[><=~!; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements
        }

    images = {key.partition(" ")[0] for key in lock("deploy/requirements.txt")}
    assert names(project["dependencies"]) <= images
    assert images.isdisjoint(
        names(project["optional-dependencies"]["development"]) - names(project["dependencies"])
    )
