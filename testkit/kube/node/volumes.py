"""Volumes of a pod, as folders: emptyDir, ConfigMap, Secret, and what is projected of them, tokens and the pod itself."""
import base64
import os

from node.words import field


class Volumes:
    def __init__(self, api, pod, folder):
        self.api = api
        self.pod = pod
        self.folder = os.path.join(folder, "volumes")
        self.group = (pod.spec.get("securityContext") or {}).get("fsGroup")
        self.tokens = {}

    def made(self):
        """False while one is not there that has to be."""
        try:
            for volume in self.pod.spec.get("volumes") or []:
                path = os.path.join(self.folder, volume["name"])
                os.makedirs(path, exist_ok=True)
                if "emptyDir" in volume:
                    os.chmod(path, 0o777)
                    if self.group is not None:
                        os.chown(path, 0, self.group)
                else:
                    self.write(volume)
            return True
        except LookupError as missing:
            self.pod.message = str(missing)
            self.pod.tell()
            return False

    def refresh(self):
        for volume in self.pod.spec.get("volumes") or []:
            if "emptyDir" not in volume:
                try:
                    self.write(volume)
                except LookupError:
                    pass  # what was there stays, as a kubelet has it

    def path(self, mount):
        return os.path.join(self.folder, mount["name"], mount.get("subPath", ""))

    def write(self, volume):
        sources = volume["projected"]["sources"] if "projected" in volume else [volume]
        files = {}
        for source in sources:
            files.update(self.files(source, volume["name"]))
        path = os.path.join(self.folder, volume["name"])
        for name, content in files.items():
            self.put(os.path.join(path, name), content)
        for name in set(os.listdir(path)) - set(files):
            os.remove(os.path.join(path, name))

    def put(self, path, content):
        if os.path.exists(path):
            with open(path, "rb") as file:
                if file.read() == content:
                    return
        with open(path + ".new", "wb") as file:
            os.fchmod(file.fileno(), 0o644 if self.group is None else 0o640)
            if self.group is not None:
                os.fchown(file.fileno(), 0, self.group)
            file.write(content)
        os.replace(path + ".new", path)

    def files(self, source, name):
        for kind in ("configMap", "secret"):
            if kind in source:
                return self.copied(kind, source[kind])
        if "serviceAccountToken" in source:
            wanted = source["serviceAccountToken"]
            return {wanted["path"]: self.token(wanted).encode()}
        if "downwardAPI" in source:
            return {one["path"]: field(self.pod, one["fieldRef"]["fieldPath"]).encode() for one in source["downwardAPI"]["items"]}
        raise ValueError(f"volume {name}: {', '.join(source)} is not known here")

    def copied(self, kind, of):
        name = of.get("name") or of["secretName"]
        found = self.api.found(f"/api/v1/namespaces/{self.pod.metadata['namespace']}/{kind.lower()}s/{name}")
        if found is None:
            if of.get("optional"):
                return {}
            raise LookupError(f"{kind} {name}: not there")
        data = found.get("data") or {}
        content = {key: base64.b64decode(value) if kind == "secret" else value.encode() for key, value in data.items()}
        if "items" in of:
            return {one["path"]: content[one["key"]] for one in of["items"]}
        return content

    def token(self, wanted):
        """Bound to the pod; one for its life, since no test lives as long as a token."""
        of = wanted.get("audience", "")
        if of not in self.tokens:
            path = f"/api/v1/namespaces/{self.pod.metadata['namespace']}/serviceaccounts/{self.pod.spec['serviceAccountName']}/token"
            spec = {"expirationSeconds": wanted.get("expirationSeconds", 3600),
                    "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": self.pod.metadata["name"], "uid": self.pod.metadata["uid"]}}
            if of:
                spec["audiences"] = [of]
            made = self.api.call("POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
            self.tokens[of] = made["status"]["token"]
        return self.tokens[of]
