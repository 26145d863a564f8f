# Writes OUTPUT, the definition of chain::version(): PROJECT_VERSION, then +COMMIT where SOURCE_DIR
# is a git checkout. Run by the build when the checkout moves to another commit: one small file
# compiles again, and nothing else.
set(version "${PROJECT_VERSION}")
if(EXISTS "${SOURCE_DIR}/.git")
  execute_process(
    COMMAND git -C "${SOURCE_DIR}" rev-parse --short=9 HEAD
    OUTPUT_VARIABLE commit
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET
    RESULT_VARIABLE failed)
  if(NOT failed)
    string(APPEND version "+${commit}")
  endif()
endif()
file(WRITE "${OUTPUT}" "#include \"core/version.h\"

namespace chain {

std::string_view version() { return \"${version}\"; }

}  // namespace chain
")
