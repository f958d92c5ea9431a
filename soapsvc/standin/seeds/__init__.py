"""What a stand-in's tenant is made from: private copies, tenant directories over the wire, accounts in the short form.

Read `copies` (the private copy and its seed), `documents` (a seed as zip or JSON), `minimal` (the short form and its
defaults), `accounts` (one account), `names` and `demo`.
"""
