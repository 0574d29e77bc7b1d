"""Containers: processes in a root file system of their own.

The module is also the program that makes such a file system around itself and becomes the container's process.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
CAPABILITIES = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13, "SYS_PTRACE": 19}
LAST_CAPABILITY = 63
OWN = ("dev", "etc", "proc", "run", "sys", "tmp", "var")  # made anew in each container
HOST = "host"


def folder(name):
    return tempfile.mkdtemp(prefix=f"{name}.")


def remove(path):
    shutil.rmtree(path, ignore_errors=True)


class Images:
    """Unpacked once each."""

    def __init__(self, into, files):
        self.into = into
        self.files = files
        self.lock = threading.Lock()
        self.known = {HOST: ("/", {"Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]})}

    def get(self, name):
        """Its root, and its configuration in OCI's words."""
        with self.lock:
            if name not in self.known:
                if name not in self.files:
                    raise LookupError(f"image {name}: not there (there are: {', '.join(sorted([HOST, *self.files]))})")
                self.known[name] = self._unpacked(name, self.files[name])
            return self.known[name]

    def _unpacked(self, name, file):
        root = os.path.join(self.into, re.sub(r"\W", "-", name))
        os.makedirs(root)
        with tarfile.open(file) as image:
            def blob(digest):
                return image.extractfile("blobs/" + digest.replace(":", "/"))
            index = json.load(image.extractfile("index.json"))
            manifest = json.load(blob(index["manifests"][0]["digest"]))
            for layer in manifest["layers"]:
                with tarfile.open(fileobj=blob(layer["digest"]), mode="r:gz") as content:
                    content.extractall(root, numeric_owner=True)
            return root, json.load(blob(manifest["config"]["digest"])).get("config", {})


class Container:
    """One run of a container's process.

    what: netns, root (the image's), at (an empty folder), readOnly, mounts [[from, to, readOnly]], files {path: text},
    environment, line, user, group, add (capabilities to keep, None for all), confined (no new privileges); log is the
    file that it writes to.
    """

    def __init__(self, what, log):
        os.makedirs(what["at"], exist_ok=True)
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", what["netns"], "unshare", "--mount", sys.executable, os.path.abspath(__file__), json.dumps(what)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)

    def exit_code(self):
        """None while it runs."""
        code = self.process.poll()
        if code is not None:
            self._signal(signal.SIGKILL)  # those that it started end with it
        return code

    def terminate(self):
        if self.process.poll() is None:
            self.process.terminate()

    def kill(self):
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def checked(result, what):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind, flags, data=None):
    def text(value):
        return value.encode() if value is not None else None
    checked(LIBC.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data)), f"mount {target}")


def bind(source, target, read_only):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "ab"):
            pass
    mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY)


def build(what, root):
    """The container's root file system, at root: its image's, which nobody can write to, and what is made anew."""
    mount("container", root, "tmpfs", 0, "mode=0755,size=64m")
    image = what["root"]
    for name in sorted(os.listdir(image)):
        path, target = os.path.join(image, name), os.path.join(root, name)
        if os.path.islink(path):
            os.symlink(os.readlink(path), target)
        elif name == "etc":
            shutil.copytree(path, target, symlinks=True, ignore_dangling_symlinks=True)
        elif name not in OWN and os.path.isdir(path):
            bind(path, target, True)
    for name in OWN:
        os.makedirs(os.path.join(root, name), exist_ok=True)
    os.chmod(os.path.join(root, "tmp"), 0o1777)
    for name in ("dev", "proc", "sys"):
        mount("/" + name, os.path.join(root, name), None, MS_BIND | MS_REC)
    for path, text in what["files"].items():
        with open(root + path, "w", encoding="utf-8") as file:
            file.write(text)
    for source, target, read_only in what["mounts"]:
        bind(source, root + target, read_only)
    if what["readOnly"]:
        mount(None, root, None, MS_REMOUNT | MS_BIND | MS_RDONLY)


def become(what):
    build(what, what["at"])  # in this namespace alone something is there
    os.chroot(what["at"])
    os.chdir("/")
    if what["add"] is not None:
        keep = {CAPABILITIES[one] for one in what["add"]}
        for one in range(LAST_CAPABILITY + 1):
            if one not in keep:
                LIBC.prctl(PR_CAPBSET_DROP, one, 0, 0, 0)  # fails for those that this kernel has not
    os.setgroups([])
    os.setresgid(what["group"], what["group"], what["group"])
    os.setresuid(what["user"], what["user"], what["user"])
    if what["confined"]:
        checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # nobody outlives its kubelet
    os.execvpe(what["line"][0], what["line"], what["environment"])


if __name__ == "__main__":
    become(json.loads(sys.argv[1]))
