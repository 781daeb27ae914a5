package io.popsight.service;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Arrows point one way: service to engine, onnx and imaging, all of them to core. */
class ArchitectureTest {

  private static final String[] CORE = {
    "io.popsight.geometry..",
    "io.popsight.detection..",
    "io.popsight.model..",
    "io.popsight.backend..",
    "io.popsight.command.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.popsight");

  @Test
  void core_knowsNoFramework() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "org.bytedeco..",
            "ai.onnxruntime..",
            "jdk.incubator..",
            "io.popsight.engine..",
            "io.popsight.onnx..",
            "io.popsight.imaging..",
            "io.popsight.service..")
        .check(CLASSES);
  }

  @Test
  void openCv_staysInImaging() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.popsight.imaging..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void onnxRuntime_staysInItsBackend() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.popsight.onnx..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(CLASSES);
  }

  @Test
  void vectors_stayInKernels() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.popsight.engine.conv..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(CLASSES);
  }

  @Test
  void backends_areFoundNotNamed() {
    noClasses()
        .that()
        .resideInAPackage("io.popsight.service..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.popsight.engine..", "io.popsight.onnx..")
        .check(CLASSES);
  }

  @Test
  void grpc_staysBehindItsDoors() {
    noClasses()
        .that()
        .resideInAPackage("io.popsight.service..")
        .and()
        .resideOutsideOfPackages("io.popsight.service.grpc..", "io.popsight.service.oip..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.popsight.v1..", "io.popsight.inference..", "io.grpc..", "com.google.protobuf..")
        .check(CLASSES);
  }

  @Test
  void packagesOfTheService_haveNoCycles() {
    slices().matching("io.popsight.service.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void pyTorch_isNotOnTheClassPath() {
    org.assertj.core.api.Assertions.assertThat(System.getProperty("java.class.path"))
        .doesNotContain("pytorch");
  }
}
