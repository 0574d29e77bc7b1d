package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.model.WorkloadEntry;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;

/** Whom to expect must be known inside the mesh, or nobody could be refused. */
final class Identities {

  private Identities() {}

  static void check(MeshConfig config, Problems problems) {
    for (ServiceEntry entry : config.serviceEntries()) {
      boolean open =
          entry.location() == Location.MESH_INTERNAL
              && entry.subjectAltNames().isEmpty()
              && !entry.workloadSelector().isEmpty();
      if (open) {
        config.workloadEntries().stream()
            .filter(one -> one.meta().namespace().equals(entry.meta().namespace()))
            .filter(one -> one.endpoint().serviceAccount().isEmpty())
            .filter(
                one ->
                    one.endpoint()
                        .labels()
                        .entrySet()
                        .containsAll(entry.workloadSelector().entrySet()))
            .forEach(one -> told(entry, one, problems));
      }
    }
  }

  private static void told(ServiceEntry entry, WorkloadEntry one, Problems problems) {
    problems.error(
        Codes.NO_IDENTITY,
        one.endpoint().place(),
        "spec",
        "endpoint "
            + one.endpoint().address()
            + " of ServiceEntry "
            + entry.meta().qualifiedName()
            + " inside the mesh without an identity",
        "give it a serviceAccount, or the ServiceEntry subjectAltNames");
  }
}
