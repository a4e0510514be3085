"""Snakemake's own report of a finished run: each figure under its category, with its caption."""

import json
import re

from figure_study import NAMES


def test_each_figure_is_in_snakemakes_report(project):
    done = project.run("--report", "logs/snakemake-report.html")
    assert done.returncode == 0, done.stdout
    page = (project / "logs/snakemake-report.html").read_text("utf-8")
    titles = set()
    names = set(NAMES) - {"event_times"}  # the example declares none
    for name in names:
        entry = re.search(
            rf'"results/example/figures/{name}\.svg": {{"name": "[^"]*", "filename": "[^"]*", '
            r'"labels": ({[^}]*}), "size": "[^"]*", "caption": ("(?:[^"\\]|\\.)*")',
            page,
        )
        assert entry, name
        titles.add(json.loads(entry[1])["figure"])
        caption = json.loads(entry[2])
        assert "SYNTHETIC data. " in caption and "Alternative text." in caption, name
    assert len(titles) == len(names)
