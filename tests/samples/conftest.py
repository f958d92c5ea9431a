"""The sample projects are projects of their own: their tests are run by those beside them."""

collect_ignore = ["shop"]
