package io.popsight.benchmarks.peer;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.translate.TranslateException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /detect}: a photo in, boxes out. */
@RestController
class PeerController {

  private final BlockingQueue<Predictor<Image, List<PeerBox>>> predictors;

  PeerController(BlockingQueue<Predictor<Image, List<PeerBox>>> predictors) {
    this.predictors = predictors;
  }

  @PostMapping("/detect")
  List<PeerBox> detect(@RequestBody byte[] photo)
      throws IOException, TranslateException, InterruptedException {
    Image image = ImageFactory.getInstance().fromInputStream(new ByteArrayInputStream(photo));
    Predictor<Image, List<PeerBox>> predictor = predictors.take();
    try {
      return predictor.predict(image);
    } finally {
      predictors.add(predictor);
    }
  }
}
