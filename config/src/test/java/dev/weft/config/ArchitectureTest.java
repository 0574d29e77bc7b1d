package dev.weft.config;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The plan of the configuration's words, held by the build; each rule says why it is there. */
@AnalyzeClasses(packages = "dev.weft.config", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule aPackageUsesOnlyFloorsBelowIt =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("loader")
          .definedBy("dev.weft.config")
          .layer("kinds")
          .definedBy("dev.weft.config.istio..", "dev.weft.config.settings..")
          .layer("checks")
          .definedBy("dev.weft.config.validate..", "dev.weft.config.source..")
          .layer("text")
          .definedBy("dev.weft.config.yaml..", "dev.weft.config.codec..")
          .layer("model")
          .definedBy("dev.weft.config.model..", "dev.weft.config.problem..")
          .whereLayer("kinds")
          .mayOnlyBeAccessedByLayers("loader")
          .whereLayer("checks")
          .mayOnlyBeAccessedByLayers("loader", "kinds")
          .whereLayer("text")
          .mayOnlyBeAccessedByLayers("loader", "kinds", "checks")
          .because("words are read, then checked, then kept: each knows only what comes after it");

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices()
          .matching("dev.weft.config.(*)..")
          .should()
          .beFreeOfCycles()
          .because("a package must be readable knowing only those below it");

  @ArchTest
  static final ArchRule wordsKnowNoWires =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "io.fabric8..")
          .because("the same loader runs in a proxy, offline and in an editor");

  @ArchTest
  static final ArchRule theModelIsValues =
      fields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage("dev.weft.config.model..")
          .should()
          .beFinal()
          .because("a configuration that was checked never changes");

  @ArchTest
  static final ArchRule theModelHasNoBehaviourToInherit =
      classes()
          .that()
          .resideInAPackage("dev.weft.config.model..")
          .and()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .should()
          .beAssignableTo(Record.class)
          .orShould()
          .haveSimpleName("Body") // bytes, which a record would hand out
          .orShould()
          .haveSimpleName("package-info")
          .because("values are records");

  @ArchTest
  static final ArchRule yamlStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.weft.config.yaml..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.snakeyaml..")
          .because("the parser can be changed in one place");
}
