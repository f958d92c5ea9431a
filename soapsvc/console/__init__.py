"""Pages for people: accounts, previews with their explanation, pictures, runs, comparisons.

Every page is made by the server and can be read without script. Nothing but runs is changed from here. Read `app` (the
routes), `frame` (what all pages stand in), `pages` (one module for each), `pictures`, `locale`.
"""

PREFIX = "/console"
"""The prefix of all paths of the console."""
