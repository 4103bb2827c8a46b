package dev.afterbay.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The arrows between modules and packages, and what types may be called (house-rules.md). */
final class ArchitectureTest {
  private static final String API = "dev.afterbay";
  private static final String STORE = "dev.afterbay.store";
  private static final String RULES = "dev.afterbay.rules";
  private static final String LEDGER = "dev.afterbay.ledger";
  private static final String ENGINE = "dev.afterbay.engine";
  private static final String WORKER = "dev.afterbay.worker";
  private static final String[] CORE = {API, STORE, RULES, LEDGER, ENGINE, WORKER};

  private static final String CLIENT = "dev.afterbay.client..";
  private static final String WIRE = "dev.afterbay.client.wire";
  private static final String HTTP = "dev.afterbay.http..";

  /**
   * Modules of which none may know another, but for the server end of HTTP, which maps to the wire
   * as the client does. Only this one, the server, knows them all.
   */
  private static final List<String> RAYS =
      List.of("dev.afterbay.rocksdb..", CLIENT, HTTP, "dev.afterbay.handlers..");

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(API);

  @Test
  void coreDependsOnTheJdkOnly() {
    classes()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(CORE).or(resideInAnyPackage("java..")))
        .check(ALL);
  }

  @Test
  void arrowsWithinCorePointInward() {
    noClasses()
        .that()
        .resideInAPackage(API)
        .and()
        .doNotHaveSimpleName("Providers") // So that all brokers are found from one type.
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(STORE, RULES, LEDGER, ENGINE, WORKER)
        .check(ALL);
    mustNotKnow(STORE, RULES, LEDGER, ENGINE, WORKER);
    mustNotKnow(RULES, LEDGER, ENGINE, WORKER);
    mustNotKnow(LEDGER, ENGINE, WORKER);
    mustNotKnow(ENGINE, RULES, LEDGER, WORKER);
    mustNotKnow(WORKER, RULES, LEDGER, ENGINE);
  }

  private static void mustNotKnow(String room, String... others) {
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(ALL);
  }

  @Test
  void modulesAreAStar() {
    for (String ray : RAYS) {
      String[] others =
          RAYS.stream()
              .filter(other -> !other.equals(ray))
              .filter(other -> !(ray.equals(HTTP) && other.equals(CLIENT)))
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ray)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(others).or(resideInAnyPackage("dev.afterbay.server..")))
          .check(ALL);
    }
  }

  @Test
  void theClientDependsOnCoreAndJacksonOnly() {
    classes()
        .that()
        .resideInAPackage(CLIENT)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(CORE)
                .or(
                    resideInAnyPackage(
                        CLIENT, "tools.jackson..", "java..", "javax.net.ssl..", "org.jspecify..")))
        .check(ALL);
  }

  @Test
  void onlyTheTwoEndsAndTheConfigurationMapToTheWire() {
    noClasses()
        .that()
        .resideOutsideOfPackages(CLIENT, HTTP, "dev.afterbay.server..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(WIRE)
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage(HTTP)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.afterbay.client")
        .check(ALL);
  }

  @Test
  void coreAsksItsStoreForTheTime() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .and()
        .doNotHaveSimpleName("SystemClock")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Math.class, "random")
        .check(ALL);
  }

  @Test
  void textIsNotMadeInTheLanguageOfTheMachine() throws IOException {
    noClasses().should().accessTargetWhere(new ImplicitLocale()).check(ALL);
    for (String builtLater : List.of("bench", "examples")) {
      assertThat(ImplicitLocale.in(Path.of("..", builtLater, "src", "main"))).isEmpty();
    }
  }

  @Test
  void theRuleOnLanguagesFindsWhatItForbids() throws IOException {
    @SuppressWarnings({"UnusedMethod", "StringCaseLocaleUsage"}) // They are there to be found.
    class Forbidden {
      String lower(String text) {
        return text.toLowerCase();
      }

      String reference(List<String> texts) {
        return texts.stream().map(String::toUpperCase).findFirst().orElseThrow();
      }

      String formatted(int number) {
        return "%d".formatted(number);
      }

      String allowed(int number) {
        return String.format(Locale.ROOT, "%d", number).toLowerCase(Locale.ROOT);
      }
    }

    JavaClasses forbidden = new ClassFileImporter().importClasses(Forbidden.class);
    String report =
        noClasses()
            .should()
            .accessTargetWhere(new ImplicitLocale())
            .evaluate(forbidden)
            .getFailureReport()
            .toString();
    assertThat(report).contains("lower", "reference", "formatted").doesNotContain("allowed");
    assertThat(ImplicitLocale.in(Path.of("src", "test", "java", "dev", "afterbay", "server")))
        .anyMatch(place -> place.contains("ArchitectureTest.java:"));
  }

  @Test
  void aThingIsNamedAfterWhatItIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Common|Helper|Impl|Manager|Base|Misc)")
        .orShould()
        .haveNameMatching(".*\\.(Abstract|Base)[A-Z][A-Za-z]*")
        .orShould()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..misc..")
        .check(ALL);
  }

  @Test
  void atLeastHalfOfTheTypesBehindTheApiAreHidden() {
    List<JavaClass> types =
        ALL.stream()
            .filter(type -> type.isTopLevelClass() && !type.getPackageName().equals(API))
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .toList();
    long hidden =
        types.stream().filter(type -> !type.getModifiers().contains(JavaModifier.PUBLIC)).count();
    assertThat(hidden * 2).as("of " + types.size()).isGreaterThanOrEqualTo(types.size());
  }
}
