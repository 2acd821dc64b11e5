package dev.tutti.bench;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.time.Instant;
import java.util.Set;

/// Holds the arrows of the architecture: which module and which package may know which.
@AnalyzeClasses(packages = "dev.tutti", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String BINDINGS = "dev.tutti.bindings..";
  private static final String TOPOLOGY = "dev.tutti.topology..";
  private static final String TRANSPORT = "dev.tutti.transport..";
  private static final String COLLECTIVES = "dev.tutti.collectives..";
  private static final String[] APPLICATIONS = {
    "dev.tutti.bench..", "dev.tutti.examples..", "dev.tutti.integrations.."
  };

  private static final String API = "dev.tutti.collectives";
  private static final String DEVICE_API = "dev.tutti.collectives.device";
  private static final String SCHEDULE = "dev.tutti.collectives.schedule..";
  private static final String ALGORITHM = "dev.tutti.collectives.algorithm..";
  private static final String ALGORITHM_TYPE = "dev.tutti.collectives.algorithm.Algorithm";
  private static final String PLAN = "dev.tutti.collectives.plan..";
  private static final String EXECUTE = "dev.tutti.collectives.execute..";
  private static final String KERNEL = "dev.tutti.collectives.kernel..";
  private static final String SIMULATE = "dev.tutti.collectives.simulate..";

  // Modules

  @ArchTest
  static final ArchRule bindingsKnowNothingOfTheRest =
      none(BINDINGS).mayKnow(TOPOLOGY, TRANSPORT, COLLECTIVES).orAnApplication();

  @ArchTest
  static final ArchRule topologyKnowsNothingAboveIt =
      none(TOPOLOGY).mayKnow(TRANSPORT, COLLECTIVES).orAnApplication();

  @ArchTest
  static final ArchRule transportKnowsNothingAboveIt =
      none(TRANSPORT).mayKnow(COLLECTIVES).orAnApplication();

  @ArchTest
  static final ArchRule collectivesKnowNoApplication =
      none(COLLECTIVES).mayKnow().orAnApplication();

  @ArchTest
  static final ArchRule onlyBindingsLookUpNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackage(BINDINGS)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class)
          .because("foreign functions are called through the typed wrappers of dev.tutti.bindings")
          .allowEmptyShould(true);

  // Packages of collectives

  @ArchTest
  static final ArchRule schedulesKnowNoAlgorithmAndNoTransport =
      none(SCHEDULE).mayKnow(ALGORITHM, PLAN, EXECUTE, KERNEL, TRANSPORT).rule();

  @ArchTest
  static final ArchRule algorithmsOnlyBuildSchedules =
      none(ALGORITHM).mayKnow(PLAN, EXECUTE, KERNEL, SIMULATE, TRANSPORT).rule();

  @ArchTest
  static final ArchRule algorithmsDoNoInputOutputAndReadNoClock =
      none(ALGORITHM).mayKnow("java.io..", "java.nio..", "java.net..", "java.time..").rule();

  @ArchTest
  static final ArchRule algorithmsAndSimulationsDoNotAskForTheTime =
      noClasses()
          .that()
          .resideInAnyPackage(ALGORITHM, SIMULATE)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("java.time..")
          .allowEmptyShould(true);

  // What one call builds and drops may change while it is built; what outlives a call may not.
  @ArchTest
  static final ArchRule algorithmsHoldNoState =
      fields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(ALGORITHM)
          .and(describe("outlive a call", ArchitectureTest::outlivesCall))
          .should()
          .beFinal()
          .allowEmptyShould(true);

  @ArchTest static final ArchRule planningDoesNotTouchData = none(PLAN).mayKnow(KERNEL).rule();

  @ArchTest
  static final ArchRule theEngineKnowsNoAlgorithm = none(EXECUTE).mayKnow(ALGORITHM).rule();

  @ArchTest
  static final ArchRule kernelsKnowOnlyElements =
      none(KERNEL).mayKnow(SCHEDULE, ALGORITHM, PLAN, EXECUTE, SIMULATE, TRANSPORT).rule();

  @ArchTest
  static final ArchRule packagesOfCollectivesFormNoCycle =
      slices()
          .matching("dev.tutti.collectives.(*)..")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true);

  // The public API

  @ArchTest
  static final ArchRule theApiExposesNoInnerType =
      classes()
          .that()
          .resideInAnyPackage(API, DEVICE_API)
          .and()
          .arePublic()
          .should(
              exposeNothingFrom(SCHEDULE, ALGORITHM, PLAN, EXECUTE, KERNEL, TRANSPORT, BINDINGS))
          .allowEmptyShould(true);

  // Waiting

  /// Clocks are set: what waits, beats or measures reads `nanoTime`, so that a jump changes
  /// nothing.
  @ArchTest
  static final ArchRule theLibraryDoesNotDependOnTheWallClock =
      noClasses()
          .that()
          .resideInAnyPackage(BINDINGS, TOPOLOGY, TRANSPORT, COLLECTIVES)
          .and()
          .haveSimpleNameNotEndingWith("RendezvousFile") // sweeps files that are a day old
          .and()
          .resideOutsideOfPackage("dev.tutti.collectives.record..") // says when, to people
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now");

  @ArchTest
  static final ArchRule theLibraryNeverSleeps =
      noClasses()
          .that()
          .resideInAnyPackage(BINDINGS, TOPOLOGY, TRANSPORT, COLLECTIVES)
          .should()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Thread.class, "sleep", java.time.Duration.class)
          .because("waiting is an idle strategy with a deadline")
          .allowEmptyShould(true);

  private static Arrow none(String packageIdentifier) {
    return new Arrow(packageIdentifier, new String[0]);
  }

  /// An arrow that must not exist: from one package to others.
  private record Arrow(String from, String[] to) {
    Arrow mayKnow(String... packageIdentifiers) {
      return new Arrow(from, packageIdentifiers);
    }

    ArchRule orAnApplication() {
      String[] targets = new String[to.length + APPLICATIONS.length];
      System.arraycopy(to, 0, targets, 0, to.length);
      System.arraycopy(APPLICATIONS, 0, targets, to.length, APPLICATIONS.length);
      return new Arrow(from, targets).rule();
    }

    ArchRule rule() {
      return noClasses()
          .that()
          .resideInAPackage(from)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(to)
          .allowEmptyShould(true);
    }
  }

  private static boolean outlivesCall(JavaField field) {
    boolean ofClass = field.getModifiers().contains(JavaModifier.STATIC);
    return ofClass || field.getOwner().isAssignableTo(ALGORITHM_TYPE);
  }

  /// Checks what a caller of the class can name: supertypes and the signatures of public and
  /// protected members, generic arguments included.
  private static ArchCondition<JavaClass> exposeNothingFrom(String... packageIdentifiers) {
    var inner = resideInAnyPackage(packageIdentifiers);
    return new ArchCondition<>("expose no inner type") {
      @Override
      public void check(JavaClass api, ConditionEvents events) {
        api.getAllRawInterfaces().stream()
            .filter(inner)
            .forEach(type -> report(api, api.getName(), type, events));
        api.getAllRawSuperclasses().stream()
            .filter(inner)
            .forEach(type -> report(api, api.getName(), type, events));
        for (JavaMember member : api.getMembers()) {
          if (isVisible(member)) {
            namedTypes(member).stream()
                .filter(inner)
                .forEach(type -> report(api, member.getFullName(), type, events));
          }
        }
      }

      private void report(JavaClass api, String where, JavaClass type, ConditionEvents events) {
        events.add(SimpleConditionEvent.violated(api, where + " exposes " + type.getName()));
      }
    };
  }

  private static boolean isVisible(JavaMember member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC)
        || member.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static Set<JavaClass> namedTypes(JavaMember member) {
    return switch (member) {
      case JavaField field -> field.getType().getAllInvolvedRawTypes();
      case JavaCodeUnit code -> code.getAllInvolvedRawTypes();
      default -> Set.of();
    };
  }
}
