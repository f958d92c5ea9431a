"""Mutated messages through the whole application: every message gets a well-formed answer.

`python -m tests.soap.fuzz --minutes 10` sends these, and hostile HTTP to a real server
(`tests/server/attackers/fuzz.py`), until the time is up or an input breaks a rule, and then prints its seed. The corpus
has every message and attack of these tests, and hostile queries (`query_seeds`).
"""

from __future__ import annotations

import argparse
import gzip
import io
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.tenant import UserEntry, open_tenant
from tests.server.attackers.fuzz import HttpTarget
from tests.soap.attacks import attacks
from tests.soap.client import Service, envelope, session_header
from tests.soap.query_seeds import TOKENS as QUERY_TOKENS
from tests.soap.query_seeds import check_page, query_seeds
from tests.soap.sample_tenant import NOW, SAMPLE, USER, write_sample_tenant

MESSAGES = Path(__file__).parent / "messages"
LARGEST_SEED = 20_000
OTHER = "max@example.com"

TOKENS = [
    *(
        b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
        b"&x;",
        b"&#0;",
        b"&#x41;",
        b"<?pi d?>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
    ),
    *(
        b"<?xml version='1.0' encoding='",
        b"utf-16",
        b"UTF-7",
        b"latin-1",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\0",
        b"\xed\xa0\x80",
    ),
    *(
        b"xmlns=''",
        b"xmlns:e='",
        b"http://schemas.xmlsoap.org/soap/envelope/",
        b"http://www.w3.org/2003/05/soap-envelope",
    ),
    *(b"http://api.zuora.com/", b"http://object.api.zuora.com/", b"xsi:nil='true'", b"xsi:type='a:InvoiceItem'"),
    *(
        b"e:mustUnderstand='1'",
        b"e:actor='",
        b"<a:requests>",
        b"</a:requests>",
        b"<a:requests/>",
        b"<a:login>",
        b"<x>",
        b"</x>",
    ),
    *(
        b"9999-12-31",
        b"0000-00-00",
        b"T24:00:00",
        b"+14:00",
        b"Z",
        b"1e400",
        b"NaN",
        b"OneTime,",
        b"Usage",
        b"\xd9\xa1",
        b"-0",
    ),
    *QUERY_TOKENS,
]
CREATE = "<a:create><a:zObjects xsi:type='o:BillingPreviewRun'>{}</a:zObjects></a:create>"
QUERY = "<a:query><a:queryString>{}</a:queryString></a:query>"
RUN_CALLS = [
    CREATE.format("<o:TargetDate>2014-12-31</o:TargetDate><o:Batch>Batch1</o:Batch>"),
    QUERY.format("select Id, Status from BillingPreviewRun where Status = 'Pending'"),
    "<a:getUserInfo/>",
]
# Faults outside the message are rare, because they would hide faults inside it.
CONTENT_TYPES = ["text/xml"] * 20 + [
    "application/soap+xml",
    "",
    "text/xml; charset=utf-8",
    "text/xml; charset=utf-16",
    "x",
]
VERSIONS = ["61.0", "67.0", "69.0", "80.0", "81.0", "153.0"] * 8 + ["60.0", "x"]
EDITS = [0, 0, 1, 1, 1, 2, 2, 3, 6]


@dataclass
class Target:
    """The application and the corpus."""

    service: Service
    corpus: list[bytes]

    @classmethod
    def over(cls, folder: Path) -> Target:
        """A target over a sample tenant in `folder`."""
        store = open_tenant(write_sample_tenant(folder))
        store.put_user(UserEntry(OTHER, password_hash="never used"))
        token, others_token = (store.create_session(user, int(NOW.timestamp()) + 900) for user in (USER, OTHER))
        service = Service(application(store, Options(sleep=lambda _: None), fixed_clock(NOW)), token, strict=False)
        texts = [path.read_text() for path in sorted(MESSAGES.glob("*.xml"))]
        corpus = [text.replace("TOKEN", token).replace("ACCOUNT", SAMPLE).encode() for text in texts]
        corpus += [envelope(call, session_header(token)).encode() for call in RUN_CALLS]
        corpus += [message.encode() for message in query_seeds(service, others_token)]
        hostile = attacks(token, folder / "absent", 9)
        return cls(service, corpus + [attack.body for _, attack in hostile if len(attack.body) < LARGEST_SEED])

    def run(self, seed: int) -> str:
        """Send the message of this seed; returns the kind of answer. Raises AssertionError if the rule is broken."""
        random = Random(seed)  # noqa: S311 - not for secrets
        body = self.mutated(random)
        environ: dict[str, Any] = {"CONTENT_TYPE": random.choice(CONTENT_TYPES)}
        if random.random() < 0.05:
            body = gzip.compress(body)
            environ["HTTP_CONTENT_ENCODING"] = "gzip"
            body = self.edited(body, random) if random.random() < 0.5 else body
        if random.random() < 0.2:
            environ |= {"CONTENT_LENGTH": None, "wsgi.input": io.BytesIO(body)}
        reply = self.service.post(body, f"/apps/services/a/{random.choice(VERSIONS)}", **environ)
        assert reply.status in {200, 415, 500}
        envelope = reply.root
        assert etree.QName(envelope).localname == "Envelope"
        answer = etree.QName(envelope[0][0]).localname
        assert (answer == "Fault") == (reply.status != 200)
        assert "UNKNOWN_ERROR" not in reply.text
        check_page(reply, answer)
        code = envelope.findtext(".//faultcode")
        return f"{answer} {code}" if code else answer

    def mutated(self, random: Random) -> bytes:
        """A message of the corpus with a few edits."""
        body = random.choice(self.corpus)
        if random.random() < 0.4:
            body = self.rearranged(body, random)
        for _ in range(random.choice(EDITS)):
            body = self.edited(body, random)
        return body

    def edited(self, body: bytes, random: Random) -> bytes:
        """One edit of bytes: a part is removed, repeated, replaced or inserted from another message."""
        start = random.randrange(len(body) + 1)
        end = min(len(body), start + random.choice([0, 1, 2, 8, 64, 512]))
        other = random.choice(self.corpus)
        cut = random.randrange(len(other) + 1)
        piece = random.choice(
            [
                b"",
                random.choice(TOKENS),
                random.randbytes(random.randint(1, 4)),
                body[start:end] * 2,
                other[cut : cut + 200],
            ]
        )
        return body[:start] + piece + body[end:]

    def rearranged(self, body: bytes, random: Random) -> bytes:
        """The same document with an element moved, copied, removed or reworded; unchanged if it is not a document."""
        try:
            root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            return body
        nodes = [node for node in root.iter(etree.Element) if node is not root]
        if not nodes:
            return body
        node, place = random.choice(nodes), random.choice(nodes)
        action = random.choice(["move", "copy", "remove", "empty", "reword", "reword"])
        parent = node.getparent()
        if action == "empty":
            node.text = None
        elif action == "reword":
            words = self.edited((node.text or "").encode(), random).decode(errors="ignore")
            node.text = "".join(filter(str.isprintable, words))
        elif action == "remove" and parent is not None:
            parent.remove(node)
        elif place is not node and node not in place.iterancestors():
            place.append(deepcopy(node) if action == "copy" else node)
        return etree.tostring(root)


def main() -> int:
    """Fuzz for some minutes; returns 1 if an input broke a rule."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    kinds: Counter[str] = Counter()
    end = time.monotonic() + 60 * arguments.minutes
    seed = arguments.seed
    with tempfile.TemporaryDirectory() as folder, HttpTarget.over(Path(folder) / "http") as http:
        messages = Target.over(Path(folder) / "tenant")
        while time.monotonic() < end:
            for name, target in (("message", messages), ("HTTP", http)):
                try:
                    kinds[f"{name}: {target.run(seed)}"] += 1
                except Exception:  # noqa: BLE001 - this is what is looked for
                    sys.stdout.write(f"{name}, seed {seed}:\n{traceback.format_exc()}")
                    return 1
            seed += 1
    sys.stdout.write(f"{kinds.total()} inputs, seeds {arguments.seed} to {seed - 1}, nothing found\n")
    for kind, count in kinds.most_common():
        sys.stdout.write(f"{count:10} {kind}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
