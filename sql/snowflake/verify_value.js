
return JSON.parse(CONTENT);
