"""Web pages: accounts, previews with their explanation, pictures, runs, comparisons.

The server makes every page, and pages can be read without script. Pages change only runs, and a stand-in. Start with
`app` (the routes), `frame` (shared by all pages), `pages` (one module for each), `pictures`, `locale`.
"""

PREFIX = "/console"
"""The prefix of all paths of the console."""
