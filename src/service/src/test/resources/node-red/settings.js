module.exports = {
  flowFile: "flows.json",
  uiHost: "127.0.0.1",
  // Without the editor: only the flows' own routes.
  httpAdminRoot: false,
  editorTheme: { tours: false },
};
