"""Make a stand-in's tenant: private copies, tenant directories over HTTP, accounts in the short form.

Read `copies` (the private copy and its seed), `documents` (a seed as zip or JSON), `minimal` (the short form and its
defaults), `accounts` (one account), `names` and `demo`.
"""
