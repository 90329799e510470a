"""What declared names are called where they can't stay as they are: one function a way.

What is written and what is checked to be unambiguous are thereby the same.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from functools import cache
from typing import Final

import msgspec

_MOST: Final = 80
"""Characters of one name in the name of a file, of which there may be several: file systems end at
255 bytes, and endings and what tells apart temporary files have to fit as well."""


def is_identifier(name: str) -> bool:
    """Whether Python takes a name for an identifier, and for that very one.

    It reads some characters as others: `ﬁ` as `fi`, so that an attribute of the one name is
    found under the other.
    """
    plain = unicodedata.normalize("NFKC", name) == name
    return plain and name.isidentifier() and not keyword.iskeyword(name)


def snake(name: str) -> str:
    """A name in lower case with underscores: ActivationFailed and activation-failed alike."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def constant(name: str) -> str:
    """A name as that of a constant: ACTIVATION_FAILED."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


@cache
def camel(name: str) -> str:
    """The key under which JSON text has a field, as msgspec calls it."""
    struct = msgspec.defstruct("Named", [name], rename="camel")
    return msgspec.structs.fields(struct)[0].encode_name


def slug(text: str) -> str:
    """A text as one word of lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "unnamed"


def file_slug(text: str) -> str:
    """The same, short enough for the name of a file; what is cut off still tells names apart."""
    word = slug(text)
    if len(word) <= _MOST:
        return word
    return f"{word[: _MOST - 9].rstrip('-')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
