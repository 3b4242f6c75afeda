from typing import SupportsIndex

from ._polyshm import IntegerRangeError as IntegerRangeError, ItemTypeError as ItemTypeError
from .list import ShareableList as ShareableList
from .manager import SharedMemoryManager as SharedMemoryManager
from .segment import SharedMemory as SharedMemory

__all__ = [
    "IntegerRangeError",
    "ItemTypeError",
    "ShareableList",
    "SharedMemory",
    "SharedMemoryManager",
    "abi_version",
    "block_names",
    "install",
    "status_name",
    "version",
]
__version__: str

def version() -> str: ...
def abi_version() -> int: ...
def status_name(status: SupportsIndex) -> str: ...
def block_names() -> list[str]: ...
def install() -> None: ...
