"""Costs, benefits, uncertainty and finance: arithmetic alone.

Nothing here reads a file, a clock or the environment: texts and tables come in, frozen results go out. Every result
carries the conventions it was computed under. ``cashflow`` appraises one row of money a year, ``finance`` the debt
behind a project, ``project`` the typed streams of a whole case, ``montecarlo`` what they are worth when uncertain.
"""
