"""Runs `osler …` in process, for the tests of published systems."""

import json

import pytest


def osler(capfd, *words):
    """The JSON that a command prints; the command must end well."""
    from osler.cli.main import main
    from osler.cli.output import settings

    settings.quiet = settings.debug = False
    capfd.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, words), "--json"])
    out, err = capfd.readouterr()
    assert not stopped.value.code, err
    return json.loads(out)
