package dev.weft.routing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.weft.routing.exchange.Stage;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** The plan of the engine, held by the build; each rule says why it is there. */
@AnalyzeClasses(packages = "dev.weft.routing", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final int MOST_CLASSES_IN_A_PACKAGE = 15;
  private static final Set<String> ON_INTERNALS =
      Set.of(
          "dev.weft.routing.listener.HandedOverHttp",
          "dev.weft.routing.listener.http1.RequestDecoder",
          "dev.weft.routing.transport.InterimAnswers",
          "dev.weft.routing.listener.intercept.socket.InterceptingTransport");

  @ArchTest
  static final ArchRule aPackageUsesOnlyFloorsBelowIt =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("1")
          .definedBy(
              "dev.weft.routing.exchange..", "dev.weft.routing.clock..", "dev.weft.routing.proto..")
          .layer("2")
          .definedBy(
              "dev.weft.routing.authentication..",
              "dev.weft.routing.authorization..",
              "dev.weft.routing.route..",
              "dev.weft.routing.resilience..",
              "dev.weft.routing.identity..",
              "dev.weft.routing.telemetry..")
          .layer("3")
          .definedBy("dev.weft.routing.cluster..")
          .layer("4")
          .definedBy("dev.weft.routing.transport..", "dev.weft.routing.discovery..")
          .layer("5")
          .definedBy("dev.weft.routing.stage..")
          .layer("6")
          .definedBy("dev.weft.routing.snapshot..")
          .layer("7")
          .definedBy("dev.weft.routing.listener..", "dev.weft.routing.admin..")
          .layer("8")
          .definedBy("dev.weft.routing.verticle..")
          .layer("9")
          .definedBy("dev.weft.routing.process..")
          .whereLayer("9")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("8")
          .mayOnlyBeAccessedByLayers("9")
          .whereLayer("7")
          .mayOnlyBeAccessedByLayers("8", "9")
          .whereLayer("6")
          .mayOnlyBeAccessedByLayers("7", "8", "9")
          .whereLayer("5")
          .mayOnlyBeAccessedByLayers("6", "7", "8", "9")
          .whereLayer("4")
          .mayOnlyBeAccessedByLayers("5", "6", "7", "8", "9")
          .whereLayer("3")
          .mayOnlyBeAccessedByLayers("4", "5", "6", "7", "8", "9")
          .whereLayer("2")
          .mayOnlyBeAccessedByLayers("3", "4", "5", "6", "7", "8", "9")
          .because("who changes a floor must only know what stands on it");

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices()
          .matching("dev.weft.routing.(*)..")
          .should()
          .beFreeOfCycles()
          .because("a package must be readable knowing only those below it");

  @ArchTest
  static final ArchRule onlyTheClockReadsTheTime =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.weft.routing.clock..")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .because("what takes time as an argument can be tested without waiting");

  @ArchTest
  static final ArchRule nobodyBlocks =
      noClasses()
          .should()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(io.vertx.core.Future.class, "await")
          .orShould()
          .callMethod(CompletableFuture.class, "get")
          .orShould()
          .callMethod(CompletableFuture.class, "join")
          .because("a blocked event loop stops every connection that it owns");

  @ArchTest
  static final ArchRule internalsOfLibrariesStayInFourPlaces =
      noClasses()
          .that(
              describe(
                  "are none of HandedOverHttp, RequestDecoder, InterimAnswers, InterceptingTransport",
                  one -> !ON_INTERNALS.contains(one.getName().split("\\$", 2)[0])))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..impl..", "io.vertx..internal..", "io.netty..internal..")
          .because("whoever takes a library's next version must know where to look");

  @ArchTest
  static final ArchRule stagesHaveOnlyFinalFields =
      fields()
          .that()
          .areDeclaredInClassesThat()
          .implement(Stage.class)
          .should()
          .beFinal()
          .allowEmptyShould(true)
          .because("one instance of a stage serves all event loops");

  @ArchTest
  static final ArchRule stagesHaveATestEach =
      classes()
          .that()
          .implement(Stage.class)
          .should(
              new ArchCondition<JavaClass>("have a test beside them") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                  boolean tested =
                      ArchitectureTest.class.getResource(
                              "/" + item.getName().replace('.', '/') + "Test.class")
                          != null;
                  String told = item.getName() + (tested ? " has a test" : " has no test");
                  events.add(new SimpleConditionEvent(item, tested, told));
                }
              })
          .because("a stage is a step of every request");

  @ArchTest
  static final ArchRule noMutableStatics =
      fields()
          .that()
          .areStatic()
          .and()
          .doNotHaveModifier(JavaModifier.SYNTHETIC)
          .should()
          .beFinal()
          .because("two proxies in one process must not see each other");

  @ArchTest
  static final ArchRule certificatesAreBuiltByTheControlPlane =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..")
          .because("a proxy that touches its signed jar keeps five megabytes of digests for ever");

  @ArchTest
  static final ArchRule trustManagersAreToldTheEngine =
      classes()
          .that()
          .areAssignableTo(X509TrustManager.class)
          .should()
          .beAssignableTo(X509ExtendedTrustManager.class)
          .because("BoringSsl.load keeps Netty from completing plain ones with the JDK's checks");

  @ArchTest
  static final ArchRule tokensAreReadInOnePlace =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.weft.routing.authentication.jwt..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.nimbusds..")
          .because("what it reads leniently is read strictly before");

  @ArchTest
  static final ArchRule kubernetesStaysOutside =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fabric8..")
          .because("the sidecar must stay small and knows no API server");

  @ArchTest
  static final ArchRule webStaysInAdmin =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.weft.routing.admin..", "dev.weft.routing.verticle..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx.ext.web..")
          .because("the data path knows neither Router nor RoutingContext");

  @ArchTest
  static void packagesStaySmall(JavaClasses all) {
    classes().should(countAtMost(MOST_CLASSES_IN_A_PACKAGE)).check(all);
  }

  private static ArchCondition<JavaClass> countAtMost(int most) {
    return new ArchCondition<>("stand in a package of at most " + most + " classes") {
      private final Map<String, Integer> counts = new TreeMap<>();

      @Override
      public void check(JavaClass item, ConditionEvents events) {
        if (item.isTopLevelClass() && !item.getSimpleName().equals("package-info")) {
          counts.merge(item.getPackageName(), 1, Integer::sum);
        }
      }

      @Override
      public void finish(ConditionEvents events) {
        counts.forEach(
            (name, count) ->
                events.add(
                    new SimpleConditionEvent(
                        name, count <= most, name + " has " + count + " classes")));
      }
    };
  }
}
