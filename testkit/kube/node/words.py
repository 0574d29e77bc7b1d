"""Environment variables of a container, and where they are named in its command."""
import re


def environment(spec, image, pod):
    variables = dict(one.split("=", 1) for one in image.get("Env") or [])
    variables.update(HOSTNAME=pod.metadata["name"], KUBERNETES_SERVICE_HOST="10.96.0.1", KUBERNETES_SERVICE_PORT="443")
    for one in spec.get("env") or []:
        if "valueFrom" not in one:
            variables[one["name"]] = expanded(one.get("value", ""), variables)
        elif "fieldRef" in one["valueFrom"]:
            variables[one["name"]] = field(pod, one["valueFrom"]["fieldRef"]["fieldPath"])
        else:
            raise ValueError(f"container {spec['name']}: variable {one['name']} is from what is not known here")
    return variables


def expanded(text, variables):
    """$(NAME) is the variable's value where there is one, $$ a dollar."""
    def one(found):
        return "$" if found[0] == "$$" else variables.get(found[1], found[0])
    return re.sub(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)", one, text)


def field(pod, path):
    metadata, spec = pod.metadata, pod.spec
    chosen = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if chosen:
        return (metadata.get(chosen[1]) or {}).get(chosen[2], "")
    known = {"metadata.name": metadata["name"], "metadata.namespace": metadata["namespace"], "metadata.uid": metadata["uid"],
             "spec.nodeName": spec["nodeName"], "spec.serviceAccountName": spec["serviceAccountName"], "status.podIP": pod.address,
             "status.podIPs": pod.address, "status.hostIP": "10.42.0.1"}
    if path not in known:
        raise ValueError(f"field {path} is not known here (known: {', '.join(known)})")
    return known[path]
