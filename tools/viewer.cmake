# Writes OUTPUT, the definition of sim::viewer_template(): the page of SOURCE bundled with the
# packages that its lock file pins, which npm puts into FOLDER. Where npm does not get them the text
# is empty, and `simchain view` says so; the build goes on. Run by the build when a file changes.
set(empty "#include \"net-sim/view_command.h\"

std::string sim::viewer_template() { return {}; }
")

function(try step)
  execute_process(
    COMMAND ${ARGN}
    WORKING_DIRECTORY ${FOLDER}
    OUTPUT_VARIABLE said
    ERROR_VARIABLE said
    RESULT_VARIABLE failed)
  if(failed)
    file(WRITE "${OUTPUT}" "${empty}")
    message("simchain is built without its viewer: ${step} failed\n${said}")
  endif()
  set(failed "${failed}" PARENT_SCOPE)
endfunction()

if(NOT NPM)
  file(WRITE "${OUTPUT}" "${empty}")
  return()
endif()
file(MAKE_DIRECTORY "${FOLDER}")
file(COPY "${SOURCE}/package.json" "${SOURCE}/package-lock.json" DESTINATION "${FOLDER}")
try("npm ci" ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=2
    --fetch-retry-mintimeout=2000 --fetch-timeout=20000)
if(NOT failed)
  try("the bundler" ${NODE} ${SOURCE}/build.mjs ${FOLDER}/node_modules ${OUTPUT})
endif()
