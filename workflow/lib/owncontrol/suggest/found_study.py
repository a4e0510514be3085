"""A study of what was found in the files by itself, every guess marked."""

import functools
from collections.abc import Sequence
from dataclasses import replace

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.suggest.candidates import number_columns, offered
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.draft import DraftEndpoint, DraftExport, DraftStudy, ToSay
from owncontrol.suggest.placed_measures import subject_columns
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.study_clock import found_visits, study_clock
from owncontrol.suggest.study_parts import Missing, code_pattern, in_capitals, study_words
from owncontrol.suggest.subjects_table import with_codes
from owncontrol.suggest.treatment_word import treatment_word
from owncontrol.suggest.units_and_words import with_units_and_words

# Endpoints that are proposed of an instrument with several scales.
MAIN_SCALES = {"isncsci": ("asia_impairment_scale", "motor_total")}


def found_study(
    request: Request, files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> DraftStudy:
    """A study of what was found in the files by itself, every guess marked."""
    missing = Missing()
    for raw in files:
        missing.attempt(functools.partial(subject_columns, raw, request))
    exports = [
        replace(export, keep={c: of for c, of in request.keep.items() if c in raw.cells})
        for raw, export in zip(files, exports, strict=True)
    ]
    exports, dose_unit, severity = with_units_and_words(files, exports)
    clock = study_clock(exports, ())
    visits = found_visits(exports, clock)
    endpoints = _found_endpoints(exports)
    if not endpoints:
        numbers = "; ".join(
            f"{raw.path.name} has {offered(raw, number_columns(raw))}" for raw in files
        )
        missing.append(
            ToSay(
                "--measure: what was measured? no file has the items of an instrument that is "
                "known; write --measure NAME:higher:UNIT or NAME:lower:UNIT",
                f"columns of numbers: {numbers}",
            )
        )
    pattern = code_pattern(request, files)
    doubt = "the codes do not differ in digits alone" if pattern.column == ".+" else ""
    return DraftStudy(
        name=request.name,
        command=tuple(request.command_lines()),
        words=study_words(request, treatment_word(files, request)),
        synthetic=request.synthetic,
        pattern=Guess(pattern.column, doubt),
        in_capitals=in_capitals(request, files),
        visits=visits,
        clock=clock,
        dose_unit=dose_unit,
        severity=severity,
        baseline=visits[0].name,
        time_point=Guess(visits[-1].name, "visit of the main result"),
        exports=tuple(with_codes(files, exports)),
        measures=(),
        endpoints=tuple(endpoints),
        called=request.called,
        missing=tuple(missing),
    )


def _found_endpoints(exports: Sequence[DraftExport]) -> list[DraftEndpoint]:
    """One or two endpoints of each instrument that an export feeds."""
    tables = dict.fromkeys(table.name for export in exports for table in export.tables)
    found = []
    for name in tables:
        path = INSTRUMENTS / f"{name}.yaml"
        if path.is_file():
            instrument = load_instrument(path)
            found += [(instrument, scale) for scale in _main_scales(instrument)]
    return [
        DraftEndpoint(
            name=f"{instrument.name}_{scale}",
            label=f"{instrument.label}: {instrument.scales[scale].label}",
            instrument=instrument.name,
            scale=scale,
            family="secondary" if place else "primary",
            doubt="is it analysed?",
        )
        for place, (instrument, scale) in enumerate(found)
    ]


def _main_scales(instrument: Instrument) -> tuple[str, ...]:
    if instrument.name in MAIN_SCALES:
        return MAIN_SCALES[instrument.name]
    return ("total",) if "total" in instrument.scales else (next(iter(instrument.scales)),)
