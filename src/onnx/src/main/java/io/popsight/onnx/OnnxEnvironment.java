package io.popsight.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.popsight.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * ONNX Runtime's environment, which tells nobody that it runs and is kept until the process is
 * gone.
 *
 * <p>Left to itself ONNX Runtime reports to its makers over the network. On its way it matches the
 * process's command line against a pattern, which ends the process with SIGSEGV where the line has
 * some thousand characters, as in {@code detect *.jpg}.
 *
 * <p>The Java binding frees it in a shutdown hook, beside whatever still runs then: photos that are
 * answered while the service drains, a session that is being opened. That ends the process with
 * SIGSEGV, usually in {@code OrtSession.createSession}. The environment counts its users, so one
 * more of them, which the hook does not know, keeps it.
 */
public final class OnnxEnvironment {

  /** Every version of ONNX Runtime has the first version's functions, at their places. */
  private static final int API_VERSION = 1;

  /** Place of CreateEnv among the functions of OrtApi, which are pointers. */
  private static final int CREATE_ENV = 3;

  /** Read by ONNX Runtime when its environment is made. */
  private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

  /** Where launcher and image have unpacked its libraries. */
  private static final String UNPACKED = "onnxruntime.native.path";

  /** Otherwise it unpacks its libraries into a folder below this. */
  private static final String FOLDER = "java.io.tmpdir";

  private static final int MEGABYTES = 150;

  private static final NativeLibrary LIBRARY =
      NativeLibrary.load(
          "ONNX Runtime",
          FOLDER,
          () -> String.valueOf(System.getProperty(FOLDER)),
          MEGABYTES,
          () -> {
            passOverUnusable();
            Objects.requireNonNull(Kept.ENVIRONMENT);
          });

  private OnnxEnvironment() {}

  /**
   * Opened by the first who asks.
   *
   * @throws io.popsight.NativeLibraryException if ONNX Runtime cannot be loaded
   */
  public static OrtEnvironment get() {
    LIBRARY.require();
    return Kept.ENVIRONMENT;
  }

  /** A folder that allows no programs, say: the binding looks nowhere else once it is named. */
  @SuppressWarnings("restricted") // the launcher enables native access
  private static void passOverUnusable() {
    String unpacked = System.getProperty(UNPACKED);
    if (unpacked != null) {
      try {
        System.load(
            Path.of(unpacked, System.mapLibraryName("onnxruntime")).toAbsolutePath().toString());
      } catch (UnsatisfiedLinkError _) {
        System.clearProperty(UNPACKED);
      }
    }
  }

  private static final class Kept {
    static final OrtEnvironment ENVIRONMENT = open();

    private static OrtEnvironment open() {
      try {
        setNoTelemetry();
      } catch (Throwable e) {
        throw new IllegalStateException("ONNX Runtime's telemetry cannot be turned off", e);
      }
      // Warnings tell of constants that are not folded, for each weight.
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "popsight");
      try {
        environment.setTelemetry(false); // for systems without setenv
        addUser();
      } catch (Throwable e) {
        throw new IllegalStateException("ONNX Runtime's environment cannot be kept", e);
      }
      return environment;
    }

    @SuppressWarnings("restricted") // as above
    private static void setNoTelemetry() throws Throwable {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
      if (setenv.isEmpty()) {
        return;
      }
      MethodHandle set =
          linker.downcallHandle(
              setenv.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));
      try (Arena arena = Arena.ofConfined()) {
        int failed =
            (int) set.invokeExact(arena.allocateFrom(NO_TELEMETRY), arena.allocateFrom("1"), 1);
        if (failed != 0) {
          throw new IllegalStateException("setenv failed");
        }
      }
    }

    @SuppressWarnings("restricted") // as above
    private static void addUser() throws Throwable {
      Linker linker = Linker.nativeLinker();
      MethodHandle getApiBase =
          linker.downcallHandle(
              SymbolLookup.loaderLookup().findOrThrow("OrtGetApiBase"),
              FunctionDescriptor.of(ValueLayout.ADDRESS));
      MemorySegment base = (MemorySegment) getApiBase.invokeExact();
      MethodHandle getApi =
          linker.downcallHandle(
              pointer(base, 0), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
      MemorySegment api = (MemorySegment) getApi.invokeExact(API_VERSION);
      MethodHandle createEnv =
          linker.downcallHandle(
              pointer(api, CREATE_ENV),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment status =
            (MemorySegment)
                createEnv.invokeExact(
                    OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR.getValue(),
                    arena.allocateFrom("popsight"),
                    arena.allocate(ValueLayout.ADDRESS));
        if (!status.equals(MemorySegment.NULL)) {
          throw new IllegalStateException("CreateEnv failed");
        }
      }
    }

    @SuppressWarnings("restricted") // as above
    private static MemorySegment pointer(MemorySegment struct, int index) {
      return struct
          .reinterpret((index + 1) * ValueLayout.ADDRESS.byteSize())
          .getAtIndex(ValueLayout.ADDRESS, index);
    }
  }
}
