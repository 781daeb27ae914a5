package io.popsight.service.http;

import io.popsight.service.Draining;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.Caller;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.fetch.Camera;
import io.popsight.service.fetch.PhotoParts;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.RequestMetrics;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.tomcat.util.http.fileupload.MultipartStream;
import org.apache.tomcat.util.http.fileupload.impl.FileUploadIOException;
import org.springframework.http.ProblemDetail;

/**
 * One stream of photos: so many at once, answered as they are done. Nothing more is read while all
 * places are taken, so that a sender who is faster than the network is slowed down, and nothing
 * piles up.
 */
final class StreamedPhotos {

  private static final Door DOOR = Door.rest("native");

  private final StreamLines lines;
  private final int photosAtOnce;
  private final Semaphore places;
  private final Function<byte[], PhotoAnswer> answer;
  private final Function<RuntimeException, ProblemDetail> problem;
  private final RequestMetrics.Photos measured;
  private final Draining draining;
  private volatile boolean ended;

  StreamedPhotos(
      StreamLines lines,
      int photosAtOnce,
      Function<byte[], PhotoAnswer> answer,
      Function<RuntimeException, ProblemDetail> problem,
      RequestMetrics metrics,
      Draining draining) {
    this.lines = lines;
    this.photosAtOnce = photosAtOnce;
    this.places = new Semaphore(photosAtOnce);
    this.answer = answer;
    this.problem = problem;
    this.measured = metrics.stream(DOOR);
    this.draining = draining;
  }

  /** Until the last photo is answered, nobody is there to read, or the service stops. */
  void answer(PhotoParts parts) throws IOException {
    int index = 0;
    Caller caller = Caller.current();
    Runnable end = this::end;
    draining.opened(end);
    try (ExecutorService photos = Executors.newVirtualThreadPerTaskExecutor()) {
      while (!ended) {
        Optional<PhotoParts.Part> part = parts.next();
        if (part.isEmpty()) {
          requirePhotos(index);
          return;
        }
        int number = index++;
        places.acquireUninterruptibly();
        photos.execute(() -> caller.run(() -> answer(number, part.get())));
      }
    } catch (MultipartStream.MalformedStreamException e) {
      refuse(
          index,
          new RefusedException(
              Refusal.MALFORMED_REQUEST, "the body ends within a part or has no part"));
    } catch (FileUploadIOException e) {
      refuse(
          index,
          new RefusedException(
              Refusal.MALFORMED_REQUEST, "a part has no header, or one of more than 512 bytes"));
    } catch (RefusedException e) {
      refuse(index, e);
    } catch (IOException e) {
      // What came when the stream had ended cannot be read any more.
      if (!ended) {
        throw e;
      }
    } finally {
      draining.closed(end);
      lines.close();
    }
  }

  /** Else a sender whose photos pass for form fields is told nothing. */
  private static void requirePhotos(int photos) {
    if (photos == 0) {
      throw new RefusedException(
          Refusal.MISSING_PHOTO,
          "no part is a photo; name it 'image', or send it with a filename or an image's content type");
    }
  }

  /** Nothing that comes after the stream's end is refused. */
  private void refuse(int index, RefusedException e) throws IOException {
    if (!ended) {
      lines.write(StreamLines.Line.of(index, "", problem.apply(e)));
    }
  }

  /**
   * Answers what is under way and closes the lines. Whoever reads the photos may wait for a silent
   * sender meanwhile.
   */
  private void end() {
    ended = true;
    places.acquireUninterruptibly(photosAtOnce);
    lines.close();
    places.release(photosAtOnce);
  }

  /**
   * Until the camera ends, so many frames are answered, or nobody is there to read. Frames that
   * come while all places are taken are passed over, so that answers are about what is seen now.
   */
  void follow(Camera camera, int frames) throws IOException {
    int index = 0;
    Caller caller = Caller.current();
    try (ExecutorService photos = Executors.newVirtualThreadPerTaskExecutor()) {
      while (index < frames && !ended) {
        Optional<byte[]> frame = camera.next();
        if (frame.isEmpty()) {
          return;
        }
        if (places.tryAcquire()) {
          int number = index++;
          photos.execute(() -> caller.run(() -> answer(number, "", frame::get)));
        }
      }
    } catch (RefusedException e) {
      lines.write(StreamLines.Line.of(index, "", problem.apply(e)));
    }
  }

  private void answer(int index, PhotoParts.Part part) {
    try (part) {
      answer(index, part.file(), part::bytes);
    }
  }

  private void answer(int index, String file, Supplier<byte[]> photo) {
    try {
      lines.write(measured.answer(() -> line(index, file, photo)));
    } catch (IOException e) {
      // The receiver is gone.
      ended = true;
    } finally {
      places.release();
    }
  }

  private StreamLines.Line line(int index, String file, Supplier<byte[]> photo) {
    try {
      return StreamLines.Line.of(index, file, answer.apply(photo.get()));
    } catch (RuntimeException e) {
      return StreamLines.Line.of(index, file, problem.apply(e));
    }
  }
}
