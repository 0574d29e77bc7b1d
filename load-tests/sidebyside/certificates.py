"""One root and the leaves of a run, ECDSA P-256, by openssl."""

import shutil

from .tools import run

TRUST_DOMAIN = "cluster.local"


def spiffe(account):
    return f"spiffe://{TRUST_DOMAIN}/ns/default/sa/{account}"


class Certificates:
    """Writes FOLDER/NAME/{tls.crt,tls.key,ca.crt}, the layout that `--identity dir:PATH` reads."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self._key("root")
        extensions = ["-addext", "keyUsage=critical,keyCertSign"]
        run(["openssl", "req", "-x509", "-new", "-key", "root.key", "-sha256", "-days", "2",
             "-subj", "/O=Weft/CN=side by side root", "-out", "root.crt", *extensions], cwd=folder)

    def workload(self, account):
        return self._leaf(account, f"URI:{spiffe(account)}", critical=True)

    def server(self, host):
        return self._leaf(host, f"DNS:{host}", critical=False)

    def _leaf(self, name, alternative, critical):
        home = self.folder / name
        if home.exists():
            return home
        home.mkdir()
        self._key(f"{name}/tls")
        subject = "/" if critical else f"/CN={name}"
        (home / "extensions").write_text(
            f"subjectAltName={'critical,' if critical else ''}{alternative}\n"
            "basicConstraints=critical,CA:FALSE\n"
            "keyUsage=critical,digitalSignature\n"
            "extendedKeyUsage=serverAuth,clientAuth\n")
        run(["openssl", "req", "-new", "-key", f"{name}/tls.key", "-subj", subject, "-out", f"{name}/request"],
            cwd=self.folder)
        run(["openssl", "x509", "-req", "-in", f"{name}/request", "-CA", "root.crt", "-CAkey", "root.key",
             "-CAcreateserial", "-days", "1", "-sha256", "-extfile", f"{name}/extensions",
             "-out", f"{name}/tls.crt"], cwd=self.folder)
        shutil.copy(self.folder / "root.crt", home / "ca.crt")
        return home

    def _key(self, name):
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-out", f"{name}.key"], cwd=self.folder)
        (self.folder / f"{name}.key").chmod(0o600)
