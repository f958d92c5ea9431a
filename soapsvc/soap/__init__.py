"""The SOAP edge: frame -> Spyne -> operation -> writing, one WSGI application for every version of the contract.

`app.SoapApplication` is the one entry. This door only describes, so a command that prints a preview as SOAP does not
load the server. From the top: `app`; `operations`; `writing` (answers as bytes); `reading` (requests as clients write
them); `spyne_shim` (the operation, and validation: the one module that imports Spyne); `contract` (the types by
version, the WSDL files); `frame` (body, XML, envelope, faults); `ns` (namespaces). A room imports only the doors of the
rooms below it.
"""
