"""Which files the demo reads, and reading them into a block."""
import os
import stat

READ = 1 << 24  # bytes that one system call reads, so that Ctrl-C and the progress display need not wait


class DemoError(Exception):
    """Something that the user can mend."""


def reason(error):
    return f"{error.filename}: {error.strerror}"


def _raise(error):
    raise error


def _walk(folder):
    """The regular files of a folder and its subfolders, sorted; links to files count as files, as wc has them."""
    for path, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(path, name)


def _sized(path, is_named):
    """A pair of path and size; None for what is no file and was only met on the way."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if is_named:
            raise
        return None
    if stat.S_ISREG(status.st_mode):
        return path, status.st_size
    if is_named:
        raise DemoError(f"{path}: neither a regular file nor a folder")
    return None


def collect(arguments):
    """All files that the arguments name, with their sizes."""
    files = []
    try:
        for argument in arguments:
            if not os.path.isdir(argument):
                files.append(_sized(argument, is_named=True))
                continue
            found = list(filter(None, (_sized(path, is_named=False) for path in _walk(argument))))
            if not found:
                raise DemoError(f"{argument}: no files in this folder")
            files += found
    except OSError as error:
        raise DemoError(reason(error)) from error
    return files


def read_into(view, path, on_read):
    """Reads the file into view, which is as long as the system says the file is. Nothing is held twice."""
    filled = 0
    try:
        with open(path, "rb", buffering=0) as file:
            while filled < len(view):
                count = file.readinto(view[filled : filled + READ])
                if not count:
                    break
                filled += count
                on_read(count)
            if filled < len(view) or file.read(1):
                raise DemoError(f"{path}: the file changed while it was read, or has another size than the system says")
    except OSError as error:
        raise DemoError(f"{path}: {error.strerror}") from error
