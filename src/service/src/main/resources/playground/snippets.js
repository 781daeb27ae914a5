// The request as source code.

function url(query) {
  return `${window.location.origin}/v1/detect?${query}`;
}

const WRITERS = {
  curl: (query, key) =>
`curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' \\${key ? "\n  -H \"Authorization: Bearer $POPSIGHT_KEY\" \\" : ""}
  '${url(query)}'`,

  python: (query, key) =>
`import json${key ? ", os" : ""}, urllib.request

request = urllib.request.Request(
    "${url(query)}",
    data=open("photo.jpg", "rb").read(),
    headers={"Content-Type": "image/jpeg"${key ? ', "Authorization": "Bearer " + os.environ["POPSIGHT_KEY"]' : ""}})
for found in json.load(urllib.request.urlopen(request))["detections"]:
    print(found["label"], found["score"], found["box"])`,

  java: (query, key) =>
`import java.net.URI;
import java.net.http.*;
import java.nio.file.Path;

void main() throws Exception {
  var request = HttpRequest.newBuilder(URI.create("${url(query)}"))
      .header("Content-Type", "image/jpeg")${key ? '\n      .header("Authorization", "Bearer " + System.getenv("POPSIGHT_KEY"))' : ""}
      .POST(HttpRequest.BodyPublishers.ofFile(Path.of("photo.jpg")))
      .build();
  IO.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
}`,

  javascript: (query, key) =>
`import { readFile } from "node:fs/promises";

const response = await fetch("${url(query)}", {
  method: "POST",
  headers: { "Content-Type": "image/jpeg"${key ? ', Authorization: `Bearer ${process.env.POPSIGHT_KEY}`' : ""} },
  body: await readFile("photo.jpg"),
});
for (const found of (await response.json()).detections) {
  console.log(found.label, found.score, found.box);
}`,
};

export function snippet(language, query, key) {
  return WRITERS[language](query, key);
}
