from ._polyshm import IntegerRangeError as IntegerRangeError, ItemTypeError as ItemTypeError
from .list import ShareableList as ShareableList
from .manager import SharedMemoryManager as SharedMemoryManager
from .segment import SharedMemory as SharedMemory

__all__ = ["IntegerRangeError", "ItemTypeError", "ShareableList", "SharedMemory", "SharedMemoryManager", "install"]
__version__: str

def install() -> None: ...
