"""The sample projects are separate projects: the tests beside them run their tests."""

collect_ignore = ["shop"]
