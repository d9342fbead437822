"""The command ``madang``: thin; each command parses its arguments and calls the room that does the work.

A command imports its part of ``app`` when it runs: the simulator's process need not load the web framework, nor the
hub's the simulator.
"""

import click

from madang import __version__
from madang.cli import (
    aggregate,
    anonymisation,
    appraisal,
    evaluation,
    key,
    people,
    regimes,
    release,
    running,
    transfer,
    verify,
    worlds,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="madang")
def main() -> None:
    """Madang: a city's data, its decisions and their account, in one process.

    \b
    Start here:   madang up cities/ingolstadt
    Your own:     madang init cities/mycity && madang up cities/mycity
    """


for command in (
    running.init,
    running.check,
    running.up,
    running.serve,
    worlds.world,
    evaluation.evaluate,
    evaluation.run,
    evaluation.replay,
    appraisal.appraise,
    appraisal.parameters,
    transfer.export,
    transfer.import_,
    transfer.backup,
    transfer.restore,
    anonymisation.anonymise,
    aggregate.aggregate,
    regimes.regimes,
    key.key,
    release.release,
    people.people,
    verify.verify,
):
    main.add_command(command)
