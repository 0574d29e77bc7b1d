"""The API server, asked and watched."""
import base64
import http.client
import json
import os
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

TIMEOUT = 10  # seconds for an answer
QUIET = 30  # seconds that the server keeps a watch


class Refused(Exception):
    """An answer that is none of the wanted."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:500]}")
        self.status = status


class Api:
    def __init__(self, kubeconfig):
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        shown = subprocess.run(
            ["bash", "-c", f". '{here}/lib.sh'; kubectl config view --raw -o json"],
            env={**os.environ, "KUBECONFIG": kubeconfig}, check=True, capture_output=True).stdout
        config = json.loads(shown)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.host = urllib.parse.urlsplit(cluster["server"]).netloc
        self.context = ssl.create_default_context(cafile=self._file(cluster, "certificate-authority"))
        self.context.load_cert_chain(self._file(user, "client-certificate"), self._file(user, "client-key"))

    @staticmethod
    def _file(holder, key):
        if key in holder:
            return holder[key]
        with tempfile.NamedTemporaryFile("wb", delete=False) as file: # mode 0600
            file.write(base64.b64decode(holder[key + "-data"]))
        return file.name

    def _connection(self, timeout):
        return http.client.HTTPSConnection(self.host, timeout=timeout, context=self.context)

    def call(self, method, path, body=None, kind="application/json"):
        connection = self._connection(TIMEOUT)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"content-type": kind, "accept": "application/json"})
            answer = connection.getresponse()
            read = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(answer.status, read)
        return json.loads(read)

    def get(self, path):
        return self.call("GET", path)

    def found(self, path):
        """None where there is nothing."""
        try:
            return self.get(path)
        except Refused as refused:
            if refused.status != 404:
                raise
            return None

    def patch(self, path, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")

    def watch(self, path, every, seen=None):
        """Tells every(objects by UID, the one that changed) of all, then of each change, on a thread of its own.

        An object that is gone is told with its metadata.uid no longer among the objects. seen is set after the first list.
        """
        thread = threading.Thread(target=self._watch, args=(path, every, seen or threading.Event()), daemon=True)
        thread.start()

    def _watch(self, path, every, seen):
        while True:
            try:
                listed = self.get(path)
                known = {one["metadata"]["uid"]: one for one in listed.get("items") or []}
                every(known, None)
                seen.set()
                self._follow(path, listed["metadata"]["resourceVersion"], known, every)
            except (OSError, http.client.HTTPException, ValueError, Refused):
                time.sleep(0.2)

    def _follow(self, path, version, known, every):
        join = "&" if "?" in path else "?"
        while True:
            connection = self._connection(QUIET + TIMEOUT)
            try:
                connection.request("GET", f"{path}{join}watch=1&timeoutSeconds={QUIET}&resourceVersion={version}")
                answer = connection.getresponse()
                if answer.status != 200:
                    raise Refused(answer.status, answer.read().decode())
                for line in answer:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise Refused(event["object"].get("code", 0), str(event["object"].get("message")))
                    one = event["object"]
                    version = one["metadata"]["resourceVersion"]
                    if event["type"] == "DELETED":
                        known.pop(one["metadata"]["uid"], None)
                    else:
                        known[one["metadata"]["uid"]] = one
                    every(known, one)
            finally:
                connection.close()
