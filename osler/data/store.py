"""The data sets that are there: fetched into Osler's own store, named by the user, or found in OSLER_DATA.

`osler data list | get | use | verify | remove` are these functions. Nothing outside Osler's own store is ever changed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osler.data.cache import locked
from osler.data.checksums import sha256_of
from osler.data.paths import cache_dir, data_dir, private_folder, store_dir
from osler.errors import InputError, SourceError, UsageError

if TYPE_CHECKING:
    from osler.data.manifest import DataFile, DataSet


def used_paths(name: str) -> list[Path]:
    """Folders or files that `get` or `use` recorded for a data set, the newest first; only those that still exist."""
    paths = [Path(entry["path"]) for entry in reversed(_registry().get(name, []))]
    return [path for path in paths if path.exists()]


def locate(name: str) -> Path | None:
    """Where a data set is: recorded by `get` or `use`, else the folder of that name in OSLER_DATA, else None."""
    recorded = used_paths(name)
    if recorded:
        return recorded[0]
    root = data_dir()
    return root / name if root is not None and (root / name).exists() else None


def listing() -> list[dict[str, Any]]:
    """All data sets of the manifest: name, title, version, licence, state, here, where, used_for, homepage.

    `state` is fetched, used, in OSLER_DATA, packaged or absent; `here` says whether it can be used now.
    """
    from osler.data.manifest import manifest

    return [describe(entry) for entry in manifest().values()]


def describe(entry: DataSet) -> dict[str, Any]:
    """One line of `listing`."""
    recorded = _registry().get(entry.name, [])
    where, state, version = locate(entry.name), "absent", entry.version
    for item in recorded:
        if where is not None and item["path"] == str(where):
            state, version = ("fetched" if item["how"] == "get" else "used"), item.get("version") or version
    if where is not None and state == "absent":
        state = "in OSLER_DATA"
    elif where is None and entry.packaged:
        state, version = "packaged", f"in package {entry.packaged}"
    return {
        "name": entry.name, "title": entry.title, "version": version, "licence": entry.licence, "state": state,
        "here": state != "absent", "where": str(where) if where else None, "used_for": entry.used_for,
        "homepage": entry.homepage,
    }  # fmt: skip


def get(name: str, *, source: str | None = None) -> Path:
    """Fetch a data set into the store and return its folder; files that are there and whole are not fetched again.

    `source` is another place (base URL or folder) that holds the manifest's files under their names. Raises
    SourceError where that fails, UsageError for an unknown name or a set that cannot be fetched.
    """
    from osler.data.manifest import data_set

    entry = data_set(name)
    if not entry.files:
        raise UsageError(
            f"{name} cannot be fetched: {entry.note or 'it has no fixed address'} ({entry.homepage})."
        )
    folder = _writable(store_dir() / "sets" / name / _safe(entry.version))
    with locked(folder):
        known = _read_json(folder / "installed.json").get("files", {})
        recorded = {file.name: _fetch_one(file, folder, known.get(file.name), source) for file in entry.files}
        _write_json(folder / "installed.json", {"version": entry.version, "files": recorded})
    _record(name, {"path": str(folder), "how": "get", "version": entry.version}, entry.several)
    return folder


def use(name: str, paths: Sequence[Path], *, version: str = "") -> Path:
    """Use what the user has: one folder (or archive) in place, or several files gathered as links in the store.

    Raises InputError when something that the data set needs is not there.
    """
    from osler.data.manifest import data_set

    entry = data_set(name)
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no file or folder {path}.")
    only_folder = len(paths) == 1 and paths[0].is_dir()
    where = paths[0].resolve() if only_folder else _gather(name, [path.resolve() for path in paths])
    missing = missing_files(entry, where)
    if missing:
        if not only_folder:
            shutil.rmtree(where)
        raise InputError(f"{paths[0]} is not {name}: it holds no {' and no '.join(missing)}.")
    _record(name, {"path": str(where), "how": "use", "version": version}, entry.several)
    return where


def forget(name: str, where: Path) -> None:
    """Take back what `use` recorded."""
    _change(lambda found: {**found, name: [e for e in found.get(name, []) if e["path"] != str(where)]})


def missing_files(entry: DataSet, folder: Path) -> list[str]:
    """What a folder lacks of what the data set needs, in words; empty where nothing is missing."""
    lacking = [group for group in entry.needs if not any(next(folder.glob(p), None) for p in group)]
    return [" or ".join(pattern for pattern in group if "/" not in pattern) for group in lacking]


def verify(name: str) -> dict[str, Any]:
    """Check a data set's files: `{"name", "state", "where", "ok", "problems", "checked"}`.

    Fetched files are compared with the checksums of the manifest or of the first `get`; files in a folder of the user
    with the manifest's, where it has any for their name.
    """
    from osler.data.manifest import data_set

    entry = data_set(name)
    about = describe(entry)
    if about["where"] is None:
        if entry.packaged:
            return about | {"ok": True, "problems": [], "checked": 0}
        raise SourceError(f"{name} is not here; fetch it with: osler data get {name}")
    folder = Path(about["where"])
    known = {file.name: file.sha256 for file in entry.files if file.sha256}
    known |= {k: v["sha256"] for k, v in _read_json(folder / "installed.json").get("files", {}).items()}
    problems = [f"no {words}" for words in missing_files(entry, folder)] if folder.is_dir() else []
    checked = 0
    for file, expected in known.items():
        path = folder / file
        if path.is_file():
            checked += 1
            problems += [f"{file} is altered"] if sha256_of(path) != expected else []
        elif about["state"] == "fetched":
            problems.append(f"{file} is missing")
    return {k: about[k] for k in ("name", "state", "where")} | {
        "ok": not problems, "problems": problems, "checked": checked,
    }  # fmt: skip


def remove(name: str) -> dict[str, Any]:
    """Forget a data set and delete what `get` fetched; a folder of the user is left as it is."""
    from osler.data.manifest import data_set

    entry = data_set(name)
    recorded = _registry().get(entry.name, [])
    own = store_dir() / "sets" / name
    existed = own.exists()
    shutil.rmtree(own, ignore_errors=True)
    _change(lambda found: {key: value for key, value in found.items() if key != name})
    if not recorded and not existed:
        place = " It is in OSLER_DATA, which Osler does not change." if locate(name) else ""
        raise UsageError(f"{name} was neither fetched nor recorded, so there is nothing to remove.{place}")
    return {"name": name, "deleted": existed, "forgotten": [entry["path"] for entry in recorded]}


def clear_cache() -> int:
    """Delete everything in the cache (it is compiled again when needed); the number of bytes freed."""
    folder = cache_dir()
    freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return freed


def _fetch_one(
    file: DataFile, folder: Path, known: dict[str, Any] | None, source: str | None
) -> dict[str, Any]:
    """Fetch one file unless it is there and unchanged; what to record about it."""
    from osler.data.download import fetch
    from osler.data.progress import progress

    target = folder / file.name
    if (
        known
        and target.is_file()
        and sha256_of(target) == known["sha256"]
        and file.sha256 in (None, known["sha256"])
    ):
        return known
    address = f"{source.rstrip('/')}/{file.name}" if source else file.url
    with progress(f"Fetching {file.name}", file.size) as advance:
        done = 0

        def report(now: int) -> None:
            nonlocal done
            advance(now - done)
            done = now

        fetched = fetch(address, target, sha256=file.sha256, size=file.size, report=report)
    if file.unpack:
        _unpack(target, folder)
    return {"sha256": fetched.sha256, "size": fetched.size, "source": address}


def _unpack(archive: Path, folder: Path) -> None:
    """Extract a zip below the folder; members that would land elsewhere are an error."""
    import zipfile

    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                if not (folder / member.filename).resolve().is_relative_to(folder.resolve()):
                    raise SourceError(f"{archive.name} names a file outside its folder ({member.filename}).")
            opened.extractall(folder)
    except zipfile.BadZipFile:
        archive.unlink()
        raise SourceError(f"{archive.name} is not a zip archive; run the command again.") from None


def _gather(name: str, files: Sequence[Path]) -> Path:
    """A folder in the store with a link to each file, under the file's own name."""
    from osler.data.cache import digest

    folder = _writable(store_dir() / "sets" / name / f"files-{digest(*files)[:8]}")
    for file in files:
        link = folder / file.name
        link.unlink(missing_ok=True)
        link.symlink_to(file)
    return folder


def _writable(folder: Path) -> Path:
    try:
        return private_folder(folder)
    except OSError as error:
        raise SourceError(
            f"{folder} cannot be made ({error.strerror}); set XDG_DATA_HOME to a folder that can be written."
        ) from None


def _safe(version: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in version)


def _registry() -> dict[str, list[dict[str, str]]]:
    found = _read_json(store_dir() / "sources.json")
    return {
        name: [entry for entry in entries if isinstance(entry, dict) and "path" in entry and "how" in entry]
        for name, entries in found.items()
        if isinstance(entries, list)
    }


def _record(name: str, entry: dict[str, str], several: bool) -> None:
    """Remember a place as the newest of its data set; a set that has one place only forgets the others."""

    def change(found: dict[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
        before = [e for e in found.get(name, []) if e["path"] != entry["path"]] if several else []
        return {**found, name: [*before, entry]}

    _change(change)


def _change(change: Any) -> None:
    path = _writable(store_dir()) / "sources.json"
    with locked(path):
        _write_json(path, change(_registry()))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _write_json(path: Path, content: Any) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
        Path(temporary).replace(path)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be written ({error.strerror}); set XDG_DATA_HOME elsewhere."
        ) from None
