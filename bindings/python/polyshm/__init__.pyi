from ._polyshm import IntegerRangeError as IntegerRangeError
from .list import ShareableList as ShareableList
from .manager import SharedMemoryManager as SharedMemoryManager
from .segment import SharedMemory as SharedMemory

__all__ = ["IntegerRangeError", "ShareableList", "SharedMemory", "SharedMemoryManager"]
__version__: str
